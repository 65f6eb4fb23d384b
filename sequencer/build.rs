//! Lists the files of the built page `explorer/dist`, which become part of the library.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let root = env::var("CARGO_MANIFEST_DIR").expect("cargo names the package's folder");
    let built = Path::new(&root).join("../explorer/dist");
    // cargo watches only what is there: without the folder, a page that is built later would not
    // get into the library.
    fs::create_dir_all(&built).expect("the folder of the built page can be made");
    println!("cargo:rerun-if-changed={}", built.display());
    let mut files = Vec::new();
    list(&built, &mut files);
    files.sort();
    let mut text = String::from("&[\n");
    for file in files.iter().filter(|file| !is_compressed(file)) {
        let name = file.strip_prefix(&built).expect("the file is in the folder").display();
        let compressed = PathBuf::from(format!("{}.gz", file.display()));
        let gzip = if files.contains(&compressed) {
            format!("Some(include_bytes!({compressed:?}).as_slice())")
        } else {
            "None".to_owned()
        };
        let bytes = format!("include_bytes!({file:?}).as_slice()");
        writeln!(text, "    File {{ path: \"/{name}\", bytes: {bytes}, gzip: {gzip} }},")
            .expect("a text takes what is written");
    }
    text.push_str("]\n");
    let out = env::var("OUT_DIR").expect("cargo names the folder of what is made");
    fs::write(Path::new(&out).join("explorer_files.rs"), text).expect("the list can be written");
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            list(&path, files);
        } else {
            files.push(path);
        }
    }
}

fn is_compressed(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "gz")
}
