//! Runs a test in a process of its own. A limit on files and a recorder of metrics apply to the
//! whole process, so they would affect the other tests of this program.

use std::env;
use std::ffi::OsString;
use std::process::Command;

/// Set in the process of one test.
const OWN_PROCESS: &str = "SHEAF_TEST_OWN_PROCESS";

/// Whether this process runs one test alone. If not, starts such a process for the test at `path`,
/// demands that the test ran there and passed, and returns false: the caller has nothing to do.
pub(crate) fn is_own_process(path: &str) -> bool {
    is_own_process_with(path, || [])
}

/// The same, with variables for the environment of the test's own process.
pub(crate) fn is_own_process_with<const N: usize>(
    path: &str,
    variables: impl FnOnce() -> [(&'static str, OsString); N],
) -> bool {
    if env::var_os(OWN_PROCESS).is_some() {
        return true;
    }
    let program = env::current_exe().expect("a test program has a path");
    let output = Command::new(program)
        .args([path, "--exact", "--nocapture"])
        .env(OWN_PROCESS, "1")
        .envs(variables())
        .output()
        .expect("the test program starts again");
    let printed = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{path}:\n{printed}{errors}");
    assert!(printed.contains("1 passed"), "{path} is no test of this program:\n{printed}");
    false
}

/// A variable that the test's own process was given.
pub(crate) fn variable(name: &str) -> OsString {
    env::var_os(name).unwrap_or_else(|| panic!("{name} is set"))
}
