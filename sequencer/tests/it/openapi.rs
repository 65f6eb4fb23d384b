//! The OpenAPI document as a rollup serves it: a validator finds no fault in it, and two generators
//! make clients of it that compile.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::rollup::Rollup;

/// The folder of the tools that npm installs.
pub(crate) fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/openapi")
}

/// A program that `make openapi` installs with npm.
fn from_npm(program: &str) -> Command {
    installed(tools().join("node_modules/.bin").join(program))
}

/// A program that `make openapi` installs with Python. It finds the other ones there.
pub(crate) fn from_python(program: &str) -> Command {
    let folder = tools().join("node_modules/.cache/python/bin");
    let mut command = installed(folder.join(program));
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{}:{path}", folder.display()));
    command
}

/// Nothing is skipped: what is not installed is a failure that says how to install it.
fn installed(program: PathBuf) -> Command {
    assert!(program.exists(), "{} is not there: run `make openapi` first", program.display());
    Command::new(program)
}

pub(crate) fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes)).concat()
}

fn succeeds(command: &mut Command) {
    let output = command.output().expect("it starts");
    assert!(output.status.success(), "{command:?}: {}", said(&output));
}

fn validation(document: &Path) -> Output {
    let validate = tools().join("validate.mjs");
    // The validator is a library: the other tools tell whether npm has installed it.
    from_npm("tsc");
    Command::new("node").arg(validate).arg(document).output().expect("node is installed")
}

/// The document that a rollup serves, in a folder.
async fn served() -> (TempDir, PathBuf, Value) {
    let rollup = Rollup::start().await;
    let (_, document) = rollup.get("/v1/openapi.json").await;
    let folder = TempDir::new().expect("a temporary directory");
    let path = write(folder.path(), &document);
    (folder, path, document)
}

fn write(folder: &Path, document: &Value) -> PathBuf {
    let path = folder.join("openapi.json");
    fs::write(&path, document.to_string()).expect("it is written");
    path
}

/// A fault of the document: its name, the place, and the value that is put there.
type Fault = (&'static str, &'static str, Value);

#[tokio::test(flavor = "multi_thread")]
async fn a_validator_finds_no_fault_in_the_document_and_the_faults_of_another() {
    let (folder, path, document) = served().await;
    let output = validation(&path);
    assert!(output.status.success(), "{}", said(&output));
    let faults: [Fault; 4] = [
        (
            "a query parameter in the path",
            "/paths/~1v1~1batches/get/parameters/0/in",
            "path".into(),
        ),
        (
            "an answer without description",
            "/paths/~1v1~1status/get/responses/200",
            json!({ "content": {} }),
        ),
        ("a name twice", "/paths/~1v1~1status/get/operationId", "batches".into()),
        (
            "a reference to nothing",
            "/paths/~1v1~1status/get/responses/200/content/application~1json/schema/$ref",
            "#/components/schemas/Nothing".into(),
        ),
    ];
    for (name, place, value) in faults {
        let mut wrong = document.clone();
        *wrong.pointer_mut(place).expect("it is there") = value;
        let output = validation(&write(folder.path(), &wrong));
        assert_eq!(output.status.code(), Some(1), "{name}: {}", said(&output));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn typescript_made_of_the_document_compiles() {
    let (folder, path, _) = served().await;
    let generated = folder.path().join("generated.ts");
    succeeds(from_npm("openapi-typescript").arg(&path).arg("--output").arg(&generated));
    let client = folder.path().join("client.ts");
    fs::copy(tools().join("client.ts"), &client).expect("it is copied");
    let strict = ["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--skipLibCheck"];
    succeeds(from_npm("tsc").args(strict).args(["--target", "es2022"]).arg(&client));
}

#[tokio::test(flavor = "multi_thread")]
async fn python_made_of_the_document_compiles() {
    let (folder, path, _) = served().await;
    let client = folder.path().join("client");
    let mut generator = from_python("openapi-python-client");
    generator.args(["generate", "--fail-on-warning", "--meta", "none", "--path"]).arg(&path);
    succeeds(generator.arg("--output-path").arg(&client));
    succeeds(from_python("python").args(["-m", "compileall", "-q"]).arg(&client));
}

/// An integer of the document is never larger than the program reads.
#[tokio::test(flavor = "multi_thread")]
async fn every_number_has_its_bounds() {
    let (_folder, _, document) = served().await;
    let mut numbers = 0;
    let mut rest = vec![&document];
    while let Some(value) = rest.pop() {
        rest.extend(value.as_object().into_iter().flat_map(|fields| fields.values()));
        rest.extend(value.as_array().into_iter().flatten());
        let kind = &value["type"];
        if *kind == "integer" || *kind == json!(["integer", "null"]) {
            numbers += 1;
            assert!(value["minimum"].is_u64() && value["maximum"].is_u64(), "{value}");
        }
    }
    assert!(numbers > 50, "{numbers}");
}
