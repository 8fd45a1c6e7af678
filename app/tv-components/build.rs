//! Compiles the user interface, and embeds Inter in it from the font package of the building machine.

#[path = "build/fonts.rs"]
mod fonts;

use std::{collections::HashMap, error::Error, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set: run this through cargo")?);
    let version = fonts::freeze(&out)?;
    // For the golden pictures, which are those of one version of the font.
    println!("cargo::rustc-env=NEXUS_INTER_VERSION={version}");
    let config = slint_build::CompilerConfiguration::new()
        .with_library_paths(HashMap::from([("fonts".to_owned(), out.join("fonts.slint"))]))
        .with_style("fluent".to_owned())
        .embed_resources(slint_build::EmbedResourcesKind::EmbedFiles);
    slint_build::compile_with_config("ui/main.slint", config)?;
    Ok(())
}
