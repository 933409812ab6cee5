//! The public surface: how many names the roots of the crates have, and which public items no example shows.
//!
//! An example is a code block in the documentation, which runs as a documentation test. It shows an item if it is in
//! the item's own documentation, or if it uses the item by name. Types that a macro of ours declares are not counted.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use syn::{Attribute, Expr, Ident, ImplItem, Item, Lit, Meta, TraitItem, Type, UseTree, Visibility};

use crate::cargo::workspace_root;
use crate::verify::PUBLISHED;

/// What a crate shows to its users.
#[derive(Default)]
pub(crate) struct Surface {
    /// The number of types, traits and constants in the root.
    pub(crate) types: usize,
    /// The number of modules and functions in the root.
    pub(crate) modules: usize,
    /// The number of public types and functions.
    pub(crate) items: usize,
    /// The number of those with an example of their own.
    pub(crate) own: usize,
    /// The paths of those that no example shows.
    pub(crate) unshown: Vec<String>,
}

/// A public item: its path within the crate, the name that an example uses, and its documentation.
struct Public {
    path: String,
    name: String,
    docs: String,
}

/// Prints the surface of each published crate.
pub(crate) fn surface() -> Result<()> {
    let used = used_in_examples()?;
    for package in PUBLISHED {
        let Surface { types, modules, items, own, unshown } = measure(package, &used)?;
        println!(
            "{package}: {types} types and {modules} modules and functions in the root; {items} public items, {own} with an example of their own, \
             {} shown by no example",
            unshown.len()
        );
        for path in unshown {
            println!("    {path}");
        }
    }
    Ok(())
}

/// The words in the examples of all published crates: an example of one also shows what it uses of another.
fn used_in_examples() -> Result<BTreeSet<String>> {
    let mut used = BTreeSet::new();
    for package in PUBLISHED {
        for file in sources(&workspace_root().join(package).join("src"))? {
            let examples = code_blocks(&fs::read_to_string(file)?);
            let words = examples.split(|c: char| !c.is_alphanumeric() && c != '_');
            used.extend(words.map(str::to_owned));
        }
    }
    Ok(used)
}

/// Reads the sources of a package. `used` has the words in examples.
fn measure(package: &str, used: &BTreeSet<String>) -> Result<Surface> {
    let folder = workspace_root().join(package).join("src");
    let mut public = Vec::new();
    for file in sources(&folder)? {
        let parsed = syn::parse_file(&fs::read_to_string(&file)?);
        collect(&parsed.with_context(|| format!("cannot parse {}", file.display()))?.items, &mut public);
    }
    let root = names(&syn::parse_file(&fs::read_to_string(folder.join("lib.rs"))?)?.items);
    let (types, modules): (Vec<_>, Vec<_>) =
        root.iter().partition(|name| name.starts_with(char::is_uppercase));
    let items = public.len();
    let (own, other): (Vec<_>, Vec<_>) = public.into_iter().partition(|item| item.docs.contains("```"));
    let unshown = other.into_iter().filter(|item| !used.contains(&item.name)).map(|item| item.path);
    let (types, modules) = (types.len(), modules.len());
    Ok(Surface { types, modules, items, own: own.len(), unshown: unshown.collect() })
}

fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(sources(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The code blocks in the documentation comments of a source file.
fn code_blocks(source: &str) -> String {
    let docs = source.lines().map(str::trim_start);
    let docs = docs.filter_map(|line| line.strip_prefix("///").or(line.strip_prefix("//!")));
    let mut is_code = false;
    let mut blocks = String::new();
    for line in docs {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        } else if is_code {
            blocks.push_str(line);
            blocks.push('\n');
        }
    }
    blocks
}

/// The public names that items declare.
fn names(items: &[Item]) -> Vec<String> {
    let mut names = Vec::new();
    for item in items {
        match item {
            Item::Use(item) if is_public(&item.vis) => leaves(&item.tree, &mut names),
            _ => names.extend(declared(item).map(|(name, _)| name.to_string())),
        }
    }
    names
}

/// The name and the attributes of a public item that declares a name.
fn declared(item: &Item) -> Option<(&Ident, &[Attribute])> {
    let (visibility, name, attributes) = match item {
        Item::Mod(item) => (&item.vis, &item.ident, &item.attrs[..]),
        Item::Struct(item) => (&item.vis, &item.ident, &item.attrs[..]),
        Item::Enum(item) => (&item.vis, &item.ident, &item.attrs[..]),
        Item::Trait(item) => (&item.vis, &item.ident, &item.attrs[..]),
        Item::Fn(item) => (&item.vis, &item.sig.ident, &item.attrs[..]),
        Item::Const(item) => (&item.vis, &item.ident, &item.attrs[..]),
        Item::Type(item) => (&item.vis, &item.ident, &item.attrs[..]),
        _ => return None,
    };
    is_public(visibility).then_some((name, attributes))
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn leaves(tree: &UseTree, names: &mut Vec<String>) {
    match tree {
        UseTree::Path(path) => leaves(&path.tree, names),
        UseTree::Group(group) => group.items.iter().for_each(|tree| leaves(tree, names)),
        UseTree::Name(name) => names.push(name.ident.to_string()),
        UseTree::Rename(rename) => names.push(rename.rename.to_string()),
        UseTree::Glob(_) => names.push("*".to_owned()),
    }
}

fn collect(items: &[Item], public: &mut Vec<Public>) {
    let mut add = |of: Option<&Ident>, name: &Ident, attributes: &[Attribute]| {
        if !is_hidden(attributes) {
            let path = of.map(|of| format!("{of}::")).unwrap_or_default() + &name.to_string();
            public.push(Public { path, name: name.to_string(), docs: docs(attributes) });
        }
    };
    for item in items {
        match (item, declared(item)) {
            (Item::Struct(_) | Item::Enum(_) | Item::Fn(_), Some((name, attributes))) => {
                add(None, name, attributes);
            }
            (Item::Trait(item), Some((name, attributes))) => {
                add(None, name, attributes);
                for method in &item.items {
                    if let TraitItem::Fn(method) = method {
                        add(Some(name), &method.sig.ident, &method.attrs);
                    }
                }
            }
            (Item::Impl(item), _) if item.trait_.is_none() => {
                let Type::Path(of) = &*item.self_ty else { continue };
                for method in &item.items {
                    if let ImplItem::Fn(method) = method
                        && is_public(&method.vis)
                    {
                        add(of.path.segments.last().map(|of| &of.ident), &method.sig.ident, &method.attrs);
                    }
                }
            }
            _ => {}
        }
    }
}

fn is_hidden(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) => list.path.is_ident("doc") && list.tokens.to_string() == "hidden",
        _ => false,
    })
}

fn docs(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Some(text.value() + "\n"),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_has_about_twenty_types() {
        for package in PUBLISHED {
            let Surface { types, .. } = measure(package, &BTreeSet::new()).unwrap();
            assert!(types <= 26, "{package} has {types}: put what few users name into a module");
        }
    }

    #[test]
    fn examples_show_what_a_host_calls() {
        let used = used_in_examples().unwrap();
        for package in PUBLISHED {
            // The cases of the suite are called by its macro.
            if *package == "followup-store-testkit" {
                continue;
            }
            let Surface { unshown, .. } = measure(package, &used).unwrap();
            assert!(unshown.is_empty(), "no example of {package} shows {}", unshown.join(", "));
        }
    }

    #[test]
    fn an_item_that_no_example_uses_is_found() {
        let source = "\
            /// ```\n/// shown();\n/// ```\npub fn own() {}\n\
            pub fn shown() {}\npub fn unshown() {}\nfn private() {}\n\
            pub struct Known;\nimpl Known { pub fn method(&self) {} }";
        let mut public = Vec::new();
        collect(&syn::parse_file(source).unwrap().items, &mut public);
        let names: Vec<_> = public.iter().map(|item| item.path.as_str()).collect();
        assert_eq!(names, ["own", "shown", "unshown", "Known", "Known::method"]);
        assert_eq!(code_blocks(source), " shown();\n");
    }
}
