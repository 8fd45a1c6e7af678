//! Inter as the wall needs it, made from the font package `fonts-inter`.
//!
//! Slint has no way to ask for OpenType features, so they are frozen in: the lookups of the wanted features are
//! added to `calt`, which every shaper applies. That is exactly what `font-feature-settings` does on a page, in
//! contrast to an edited `cmap`, after which Inter's contextual alternates (the raised colon between figures)
//! would no longer find their glyphs. The fonts get family names of their own, so that an Inter that happens to be
//! installed is never taken for them.
//!
//! The fonts stay whole (270 kB each): names of people are in any script that Inter has, and pages of a font that
//! are not drawn are never read into memory.

use std::{
    collections::BTreeSet,
    error::Error,
    fmt::Write as _,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use write_fonts::{
    FontBuilder,
    from_obj::ToOwnedTable,
    read::{FontRef, TableProvider, types::NameId},
    tables::{
        gsub::{ExtensionSubtable, Gsub, SingleSubst, SubstitutionLookup},
        layout::CoverageTable,
        name::Name,
    },
    types::{GlyphId16, Tag},
};

/// Where Debian and Ubuntu put the font, the package that does so, and the variable that names another place.
const FOLDER: &str = "/usr/share/fonts/opentype/inter";
const PACKAGE: &str = "fonts-inter";
const VARIABLE: &str = "NEXUS_FONT_DIR";

/// OpenType features to switch on.
struct Features {
    tags: &'static [&'static [u8; 4]],
    /// What they leave as it is.
    left: Option<char>,
}

/// Tabular figures, and the open forms of 4, 6 and 9. A hyphen stands in words more often than between figures, and its
/// tabular width would tear them apart: "Wi-Fi".
const FIGURES: Features = Features { tags: &[b"tnum", b"cv02", b"cv03", b"cv04"], left: Some('-') };
/// The same with a slashed zero, for codes that people type.
const CODES: Features = Features { tags: &[b"tnum", b"cv02", b"cv03", b"cv04", b"zero"], left: None };

/// A file of the package, and what becomes of it.
struct Cut {
    file: &'static str,
    family: &'static str,
    features: Features,
}

impl Cut {
    /// Whether it is drawn for large sizes. Inter has such a cut from version 4 on.
    fn is_display(&self) -> bool {
        self.file.contains("Display")
    }

    /// The same weight, drawn for text.
    fn text_file(&self) -> String {
        self.file.replace("Display", "")
    }
}

const CUTS: &[Cut] = &[
    Cut { file: "Inter-Medium.otf", family: "Nexus Text", features: FIGURES },
    Cut { file: "Inter-Bold.otf", family: "Nexus Text", features: FIGURES },
    Cut { file: "InterDisplay-Medium.otf", family: "Nexus Display", features: FIGURES },
    Cut { file: "InterDisplay-Bold.otf", family: "Nexus Display", features: FIGURES },
    Cut { file: "InterDisplay-Medium.otf", family: "Nexus Code", features: CODES },
];

/// Names the families for the user interface.
const GLOBAL: &str = r#"
export global Fonts {
    out property <string> text: "Nexus Text";
    out property <string> display: "Nexus Display";
    out property <string> code: "Nexus Code";
}
"#;

/// Writes the fonts and `fonts.slint`, which imports them, to `out`. The version of the font comes back.
pub(crate) fn freeze(out: &Path) -> Result<String, Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed={VARIABLE}");
    let folder = std::env::var_os(VARIABLE).map_or_else(|| PathBuf::from(FOLDER), PathBuf::from);
    let mut imports = String::new();
    let mut version = String::new();
    let mut lacks = BTreeSet::new();
    let mut newest = SystemTime::UNIX_EPOCH;
    for cut in CUTS {
        let mut path = folder.join(cut.file);
        if cut.is_display() && !path.exists() {
            lacks.insert(cut.file);
            path = folder.join(cut.text_file());
        }
        println!("cargo::rerun-if-changed={}", path.display());
        let data = fs::read(&path).map_err(|error| {
            format!(
                "cannot read the font {}: {error}. Install it with `apt-get install {PACKAGE}`, \
                 or name the folder that holds it in {VARIABLE}",
                path.display()
            )
        })?;
        let name = format!("{}-{}", cut.family.replace(' ', ""), cut.text_file());
        let frozen =
            frozen(&data, cut).map_err(|error| format!("cannot prepare the font {}: {error}", path.display()))?;
        let written = fs::metadata(&path)?.modified()?;
        write(&out.join(&name), &frozen, written)?;
        newest = newest.max(written);
        version = FontRef::new(&data)?.head()?.font_revision().to_string();
        writeln!(imports, "import \"{name}\";")?;
    }
    if !lacks.is_empty() {
        println!("cargo::rerun-if-changed={}", folder.display());
        println!(
            "cargo::warning={} has no {}, so numbers are drawn with Inter's cut for text; {PACKAGE} 4 has its display cut",
            folder.display(),
            lacks.into_iter().collect::<Vec<_>>().join(", ")
        );
        version = format!("without its display cut, {version}");
    }
    write(&out.join("fonts.slint"), (imports + GLOBAL).as_bytes(), newest)?;
    fs::write(out.join("advances.rs"), advances(&fs::read(folder.join(CUTS[0].file))?)?)?;
    Ok(version)
}

/// Writes a file that is as old as what it is made of. Slint tells cargo to watch it; newer than this build, it would be
/// taken for changed, and everything compiled again the next time.
fn write(path: &Path, data: &[u8], written: SystemTime) -> io::Result<()> {
    fs::write(path, data)?;
    File::options().append(true).open(path)?.set_modified(written)
}

/// How far each letter of ASCII advances in a row's type, in thousandths of its size: an array for `include!`.
fn advances(data: &[u8]) -> Result<String, Box<dyn Error>> {
    let font = FontRef::new(data)?;
    let (letters, widths) = (font.cmap()?, font.hmtx()?);
    let em = u32::from(font.head()?.units_per_em());
    let advance = |letter: u8| {
        let units = letters.map_codepoint(char::from(letter)).and_then(|glyph| widths.advance(glyph));
        u32::from(units.unwrap_or_default()) * 1000 / em
    };
    Ok(format!("{:?}", (0..128).map(advance).collect::<Vec<_>>()))
}

/// The font `data` with its features switched on for good and under its new name.
fn frozen(data: &[u8], cut: &Cut) -> Result<Vec<u8>, Box<dyn Error>> {
    let font = FontRef::new(data)?;
    let mut substitutions: Gsub = font.gsub()?.to_owned_table();
    let lookups = switch_on(&mut substitutions, cut.features.tags)?;
    if let Some(letter) = cut.features.left {
        let glyph = font.cmap()?.map_codepoint(letter).ok_or_else(|| format!("it lacks {letter:?}"))?;
        leave(&mut substitutions, &lookups, glyph.try_into()?);
    }
    let mut names: Name = font.name()?.to_owned_table();
    rename(&mut names, cut.family);
    Ok(FontBuilder::new().add_table(&substitutions)?.add_table(&names)?.copy_missing_tables(font).build())
}

/// Adds the lookups of `features` to every `calt`; their places come back.
fn switch_on(substitutions: &mut Gsub, features: &[&[u8; 4]]) -> Result<BTreeSet<u16>, String> {
    let records = &mut substitutions.feature_list.feature_records;
    let mut lookups = BTreeSet::new();
    for tag in features.iter().map(|tag| Tag::new(tag)) {
        let before = lookups.len();
        for record in records.iter().filter(|record| record.feature_tag == tag) {
            lookups.extend(record.feature.lookup_list_indices.iter().copied());
        }
        if lookups.len() == before {
            return Err(format!("it lacks the OpenType feature {tag}; is it Inter?"));
        }
    }
    for record in records.iter_mut().filter(|record| record.feature_tag == Tag::new(b"calt")) {
        let indices = &mut record.feature.lookup_list_indices;
        indices.extend(&lookups);
        indices.sort_unstable();
        indices.dedup();
    }
    Ok(lookups)
}

/// Takes `glyph` out of the single substitutions at these places.
fn leave(substitutions: &mut Gsub, lookups: &BTreeSet<u16>, glyph: GlyphId16) {
    for index in lookups {
        match substitutions.lookup_list.lookups.get_mut(usize::from(*index)).map(|lookup| &mut **lookup) {
            Some(SubstitutionLookup::Single(lookup)) => {
                lookup.subtables.iter_mut().for_each(|table| without(table, glyph))
            }
            Some(SubstitutionLookup::Extension(lookup)) => {
                for table in &mut lookup.subtables {
                    if let ExtensionSubtable::Single(table) = &mut **table {
                        without(&mut table.extension, glyph);
                    }
                }
            }
            _ => {}
        }
    }
}

fn without(table: &mut SingleSubst, glyph: GlyphId16) {
    match table {
        SingleSubst::Format1(table) => {
            table.coverage.set(table.coverage.iter().filter(|covered| *covered != glyph).collect::<CoverageTable>());
        }
        SingleSubst::Format2(table) => {
            let pairs = table.coverage.iter().zip(table.substitute_glyph_ids.iter().copied());
            let (covered, ids): (Vec<_>, Vec<_>) = pairs.filter(|(covered, _)| *covered != glyph).unzip();
            table.coverage.set(covered.into_iter().collect::<CoverageTable>());
            table.substitute_glyph_ids = ids;
        }
    }
}

/// Gives the font the family name `family`; its weight stays where it stands, in `OS/2`.
fn rename(names: &mut Name, family: &str) {
    for record in &mut names.name_record {
        if [NameId::FAMILY_NAME, NameId::TYPOGRAPHIC_FAMILY_NAME].contains(&record.name_id) {
            record.string.set(family.to_owned());
        }
    }
}
