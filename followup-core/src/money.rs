//! Amounts of money.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An amount of money, exact to the minor unit of its currency (ISO 4217).
///
/// Serializes as text, such as `12000 EUR`.
///
/// # Examples
/// ```
/// use followup_core::Money;
///
/// let amount: Money = "99.50 USD".parse()?;
/// assert_eq!((amount.minor(), amount.currency()), (9_950, "USD"));
/// # Ok::<(), followup_core::money::MoneyError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Money {
    minor: i64,
    currency: [u8; 3],
}

/// The error for text that is not an amount of money.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid amount of money \"{text}\": {why} (expected e.g. 12000EUR or 99.50 USD)")]
pub struct MoneyError {
    text: String,
    why: &'static str,
}

impl Money {
    /// Creates an amount from minor units.
    ///
    /// # Errors
    /// [`MoneyError`] if the currency is not three capital letters.
    ///
    /// # Examples
    /// ```
    /// use followup_core::Money;
    ///
    /// assert_eq!(Money::from_minor(9_950, "USD")?.to_string(), "99.50 USD");
    /// assert_eq!(Money::from_minor(500, "JPY")?.to_string(), "500 JPY");
    /// # Ok::<(), followup_core::money::MoneyError>(())
    /// ```
    pub fn from_minor(minor: i64, currency: &str) -> Result<Money, MoneyError> {
        let code = currency.as_bytes();
        match <[u8; 3]>::try_from(code) {
            Ok(currency) if code.iter().all(u8::is_ascii_uppercase) => Ok(Money { minor, currency }),
            _ => Err(error(currency, "the currency must be three capital letters (ISO 4217)")),
        }
    }

    /// Reads an amount as people write it, in major units: `"12000"`, `"99.50"`.
    ///
    /// # Errors
    /// [`MoneyError`] if it is not a plain decimal number, is finer than the currency's minor unit, is larger
    /// than 2⁶³ − 1 minor units, or the currency is not three capital letters.
    ///
    /// # Examples
    /// ```
    /// use followup_core::Money;
    ///
    /// assert_eq!(Money::from_decimal("99.5", "USD")?.minor(), 9_950);
    /// assert!(Money::from_decimal("99.505", "USD").is_err());
    /// # Ok::<(), followup_core::money::MoneyError>(())
    /// ```
    pub fn from_decimal(amount: &str, currency: &str) -> Result<Money, MoneyError> {
        let zero = Money::from_minor(0, currency)?;
        let digits = zero.minor_digits();
        let (sign, unsigned) = match amount.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, amount),
        };
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let plain = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !plain(whole) || !plain(fraction) {
            return Err(error(amount, "only digits and one decimal point are allowed"));
        }
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > digits as usize {
            return Err(error(amount, "it has more decimals than the currency"));
        }
        let scaled = format!("{whole}{fraction:0<width$}", width = digits as usize);
        let minor = scaled.parse::<i64>().map_err(|_| error(amount, "it is too large"))?;
        Ok(Money { minor: sign * minor, ..zero })
    }

    /// Returns the amount in minor units.
    pub fn minor(&self) -> i64 {
        self.minor
    }

    /// Returns the ISO 4217 code of the currency.
    pub fn currency(&self) -> &str {
        std::str::from_utf8(&self.currency).expect("a currency code is ASCII by construction")
    }

    /// Returns the amount in major units, in the form that [`Money::from_decimal`] reads.
    ///
    /// # Examples
    /// ```
    /// use followup_core::Money;
    ///
    /// assert_eq!("7.10EUR".parse::<Money>()?.to_decimal(), "7.10");
    /// assert_eq!("500 JPY".parse::<Money>()?.to_decimal(), "500");
    /// # Ok::<(), followup_core::money::MoneyError>(())
    /// ```
    pub fn to_decimal(&self) -> String {
        let digits = self.minor_digits();
        let unit = 10_u64.pow(digits);
        let (whole, rest) = (self.minor.unsigned_abs() / unit, self.minor.unsigned_abs() % unit);
        let sign = if self.minor < 0 { "-" } else { "" };
        match rest {
            0 => format!("{sign}{whole}"),
            _ => format!("{sign}{whole}.{rest:0width$}", width = digits as usize),
        }
    }

    /// Returns the number of digits after the decimal point (ISO 4217: two, except for these).
    fn minor_digits(&self) -> u32 {
        match &self.currency {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF"
            | b"UGX" | b"UYI" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            b"CLF" | b"UYW" => 4,
            _ => 2,
        }
    }
}

fn error(text: &str, why: &'static str) -> MoneyError {
    MoneyError { text: text.chars().take(40).collect(), why }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{} {}", self.to_decimal(), self.currency()))
    }
}

impl FromStr for Money {
    type Err = MoneyError;

    /// Reads `12000EUR`, `12000 EUR` or `99.50 USD`.
    fn from_str(text: &str) -> Result<Money, MoneyError> {
        let text = text.trim();
        if !text.is_ascii() || text.len() < 4 {
            return Err(error(text, "an amount and a currency are required"));
        }
        let (amount, currency) = text.split_at(text.len() - 3);
        Money::from_decimal(amount.trim_end(), currency)
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serializer.is_human_readable() {
            true => serializer.collect_str(self),
            false => (self.minor, self.currency).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
        if deserializer.is_human_readable() {
            return String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom);
        }
        let (minor, currency): (i64, [u8; 3]) = Deserialize::deserialize(deserializer)?;
        let currency = std::str::from_utf8(&currency).map_err(serde::de::Error::custom)?;
        Money::from_minor(minor, currency).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_reads_and_prints_in_major_units() {
        for (text, minor, printed) in [
            ("12000EUR", 1_200_000, "12000 EUR"),
            ("99.50 USD", 9_950, "99.50 USD"),
            ("-0.05 EUR", -5, "-0.05 EUR"),
            ("500 JPY", 500, "500 JPY"),
            ("1.234 KWD", 1_234, "1.234 KWD"),
            ("7.10EUR", 710, "7.10 EUR"),
        ] {
            let money: Money = text.parse().unwrap();
            assert_eq!((money.minor(), money.to_string().as_str()), (minor, printed));
            assert_eq!(printed.parse(), Ok(money));
        }
    }

    #[test]
    fn what_is_no_money_is_refused_with_a_reason() {
        for text in
            ["", "EUR", "12", "12 eur", "1,5EUR", "1.234 EUR", "1.5 JPY", "99999999999999999999 EUR", "1 €"]
        {
            assert!(text.parse::<Money>().is_err(), "{text}");
        }
    }
}
