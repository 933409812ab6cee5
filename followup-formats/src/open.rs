//! Opening files: plain or gzip, with or without a byte order mark.

use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};

use flate2::read::MultiGzDecoder;

use crate::error::ReadError;

const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZIP: [u8; 4] = *b"PK\x03\x04";
const UTF8_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];
const UTF16_MARKS: [[u8; 2]; 2] = [[0xff, 0xfe], [0xfe, 0xff]];

const BUFFER_BYTES: usize = 64 << 10;

/// A decoded text stream, created by [`open`].
///
/// # Examples
/// ```
/// use std::io::BufRead;
/// use followup_formats::{Opened, open};
///
/// let opened: Opened<&[u8]> = open("\u{feff}name,email\n".as_bytes())?;
/// assert_eq!(opened.lines().next().transpose()?.as_deref(), Some("name,email"));
/// let zip = open(&b"PK\x03\x04"[..]).unwrap_err();
/// assert!(zip.to_string().contains("unpack it and read the file inside"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Opened<R: Read>(BufReader<Rejoined<Decoded<Rejoined<R>>>>);

impl<R: Read> std::fmt::Debug for Opened<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened").finish_non_exhaustive()
    }
}

/// The bytes that were inspected, followed by the rest.
type Rejoined<R> = Chain<Cursor<Vec<u8>>, R>;

enum Decoded<R: Read> {
    Plain(R),
    Gzip(Box<MultiGzDecoder<R>>),
}

/// Opens a file for the readers of this crate: decompresses gzip and removes a UTF-8 byte order mark.
///
/// Gzip is recognized by its first bytes, not by the file name, and may have several members.
///
/// # Errors
/// [`ReadError::Io`] if reading fails, [`ReadError::Unreadable`] for a zip archive or UTF-16.
pub fn open<R: Read>(mut reader: R) -> Result<Opened<R>, ReadError> {
    let at_start = |source| ReadError::Io { line: 0, source };
    let start = look(&mut reader, ZIP.len()).map_err(at_start)?;
    if start == ZIP {
        return Err(ReadError::unreadable("a zip archive", "unpack it and read the file inside"));
    }
    let is_gzip = start.starts_with(&GZIP);
    let rejoined = Cursor::new(start).chain(reader);
    let mut decoded = if is_gzip {
        Decoded::Gzip(Box::new(MultiGzDecoder::new(rejoined)))
    } else {
        Decoded::Plain(rejoined)
    };
    let mut start = look(&mut decoded, UTF8_MARK.len()).map_err(at_start)?;
    if UTF16_MARKS.iter().any(|mark| start.starts_with(mark)) {
        return Err(ReadError::unreadable("UTF-16 text", "save it as UTF-8"));
    }
    if start == UTF8_MARK {
        start.clear();
    }
    Ok(Opened(BufReader::with_capacity(BUFFER_BYTES, Cursor::new(start).chain(decoded))))
}

/// Reads the first `count` bytes, or fewer at the end of the input.
fn look(reader: &mut impl Read, count: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(count);
    reader.take(count as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Decoded::Plain(reader) => reader.read(buffer),
            Decoded::Gzip(reader) => reader.read(buffer),
        }
    }
}

impl<R: Read> Read for Opened<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl<R: Read> BufRead for Opened<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.0.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.0.consume(amount);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn text(bytes: &[u8]) -> String {
        let mut text = String::new();
        open(bytes).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn plain_text_gzip_and_several_gzip_members_read_alike() {
        let members = [gzip(b"a,b\n"), gzip(b"1,2\n")].concat();
        for bytes in [&b"a,b\n1,2\n"[..], &gzip(b"a,b\n1,2\n"), &members] {
            assert_eq!(text(bytes), "a,b\n1,2\n");
        }
        assert_eq!(text(b""), "");
        assert_eq!(text(b"a"), "a");
    }

    #[test]
    fn a_byte_order_mark_is_removed_once_also_inside_gzip() {
        assert_eq!(text("\u{feff}name\n".as_bytes()), "name\n");
        assert_eq!(text(&gzip("\u{feff}name\n".as_bytes())), "name\n");
        assert_eq!(text("\u{feff}\u{feff}name\n".as_bytes()), "\u{feff}name\n");
    }

    #[test]
    fn unreadable_formats_are_named() {
        for (bytes, what) in
            [(&b"PK\x03\x04rest"[..], "zip"), (b"\xff\xfea\0", "UTF-16"), (b"\xfe\xff\0a", "UTF-16")]
        {
            let error = open(bytes).err().unwrap().to_string();
            assert!(error.contains(what), "{error}");
        }
        let mut cut = gzip(b"a,b\n1,2\n");
        cut.truncate(cut.len() - 4);
        let mut rest = String::new();
        assert!(
            open(&cut[..])
                .and_then(|mut opened| {
                    opened.read_to_string(&mut rest).map_err(|source| ReadError::Io { line: 0, source })
                })
                .is_err()
        );
    }
}
