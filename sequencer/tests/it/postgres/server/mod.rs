//! A PostgreSQL server of a test, which may be killed, paused, and replaced by its standby.

mod files;
mod processes;
mod programs;

use std::env;
use std::fs::{self, OpenOptions, Permissions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use nix::unistd::Pid;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use tempfile::TempDir;
use tokio::sync::OnceCell;
use tokio::time::sleep;

use self::files::Account;
use self::programs::Programs;

/// The user and owner of every database.
const USER: &str = "sheaf";
/// The database that every server has.
const MAINTENANCE: &str = "postgres";
/// Ports that are tried: another process may take a free port before the server does.
const PORTS_MAX: usize = 5;
/// How long a server, or its standby, may take to be ready.
const READY_TIMEOUT: Duration = Duration::from_secs(60);
/// How often a server is asked whether it is ready.
const PAUSE: Duration = Duration::from_millis(20);

/// Many tests share a server. What is durable is durable as in production: fsync is on. Shared
/// memory is in files of the server's folder, so that a killed server leaves none behind.
const SETTINGS: &str = "\
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
shared_buffers = 32MB
dynamic_shared_memory_type = mmap
fsync = on
synchronous_commit = on
wal_level = replica
max_wal_senders = 8
max_replication_slots = 8
hot_standby = on
max_wal_size = 256MB
wal_retrieve_retry_interval = 100ms
";

/// Folders whose files a standby does not take over: the primary sends its WAL, its slots are its
/// own, and a server makes shared memory anew.
const FOLDERS_LEFT_OUT: [&str; 3] = ["pg_wal", "pg_replslot", "pg_dynshmem"];
/// Files of the primary's process.
const FILES_LEFT_OUT: [&str; 2] = ["postmaster.pid", "postmaster.opts"];

/// Makes names of databases and standbys unique.
static NAMES: AtomicU32 = AtomicU32::new(0);

fn new_name(kind: &str) -> String {
    format!("{kind}_{}", NAMES.fetch_add(1, Ordering::Relaxed))
}

/// The folder of a server, and the process that runs the server and removes the folder at the end.
struct Home {
    folder: PathBuf,
    account: Option<Account>,
    programs: Programs,
    guard: Child,
    /// Ports at which to start the server. The guard cleans up when this is closed.
    ports: Option<ChildStdin>,
    /// The process ids of the servers that the guard has started.
    started: BufReader<ChildStdout>,
}

impl Home {
    fn new() -> Self {
        let account = Account::of_servers();
        let programs = Programs::find(account);
        let temporary = new_folder(account);
        let folder = temporary.path().canonicalize().expect("the folder is there");
        let programs = programs.reachable_from(&folder);
        let mut guard = programs
            .command(Path::new("sh"), &folder)
            .args(["-c", include_str!("guard.sh"), "guard"])
            .args([&folder, &programs.path("postgres")])
            // A terminal's interrupt is for the tests. The guard ends after them.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell is everywhere");
        // From here on the guard removes the folder, also when this process is killed.
        let _ = temporary.keep();
        let ports = guard.stdin.take();
        let started = BufReader::new(guard.stdout.take().expect("it is piped"));
        Self { folder, account, programs, guard, ports, started }
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Makes the files of a new server.
    fn initialise(&self) {
        let mut initdb = self.programs.command(&self.programs.path("initdb"), &self.folder);
        initdb.arg("-D").arg(self.data()).args(["-U", USER, "-A", "trust"]);
        initdb.args(["-E", "UTF8", "--locale=C", "--no-sync"]);
        let output = initdb.output().expect("the program is there");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "initdb: {errors}");
        let settings = self.data().join("postgresql.conf");
        let mut settings = OpenOptions::new().append(true).open(settings).expect("initdb made it");
        settings.write_all(SETTINGS.as_bytes()).expect("there is room");
    }

    /// Starts the server on a free port and waits until the server answers.
    async fn run(mut self) -> Server {
        for _ in 0..PORTS_MAX {
            let port = free_port();
            let postmaster = self.start_at(port);
            if self.answers(postmaster, port).await {
                return Server { home: self, postmaster, port };
            }
        }
        panic!("PostgreSQL does not start:\n{}", self.log());
    }

    fn start_at(&mut self, port: u16) -> Pid {
        let ports = self.ports.as_mut().expect("it is open until the end");
        writeln!(ports, "{port}").expect("the guard reads");
        let mut line = String::new();
        self.started.read_line(&mut line).expect("the guard answers");
        Pid::from_raw(line.trim().parse().expect("a process id"))
    }

    /// Waits until this server, and no other, answers at the port. False if the server has ended.
    async fn answers(&self, postmaster: Pid, port: u16) -> bool {
        let end = Instant::now() + READY_TIMEOUT;
        let url = url(port, MAINTENANCE);
        while processes::is_running(postmaster) {
            if let Ok(mut connection) = PgConnection::connect(&url).await {
                let folder = sqlx::query_scalar("SHOW data_directory").fetch_one(&mut connection);
                let folder: String = folder.await.expect("the server answers");
                return Path::new(&folder) == self.data();
            }
            assert!(Instant::now() < end, "PostgreSQL is not ready:\n{}", self.log());
            sleep(PAUSE).await;
        }
        false
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        self.ports = None;
        // The guard reports to nobody: its child has ended and its folder is gone when it ends.
        let _ = self.guard.wait();
    }
}

/// A new folder that the user of the servers owns and reaches.
fn new_folder(account: Option<Account>) -> TempDir {
    let folders = env::temp_dir();
    let is_reachable = account.is_none() || files::is_open(&folders);
    let folders = if is_reachable { folders } else { "/tmp".into() };
    let folder = tempfile::Builder::new().prefix("sheaf-postgres-").tempdir_in(folders);
    let folder = folder.expect("a temporary folder");
    let permissions = Permissions::from_mode(0o755);
    fs::set_permissions(folder.path(), permissions).expect("it is our folder");
    files::give(folder.path(), account).expect("root may give files away");
    folder
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it has an address").port()
}

fn url(port: u16, database: &str) -> String {
    format!("postgres://{USER}@127.0.0.1:{port}/{database}")
}

/// A PostgreSQL server of its own: data folder in a temporary directory, a free port on 127.0.0.1,
/// trust authentication, user `sheaf`. Nothing of it outlives the test's process.
pub(crate) struct Server {
    home: Home,
    postmaster: Pid,
    port: u16,
}

impl Server {
    /// A new server without standbys.
    pub(crate) async fn start() -> Self {
        let home = Home::new();
        home.initialise();
        home.run().await
    }

    /// Makes a new empty database and returns its URL.
    pub(crate) async fn database(&self) -> String {
        let name = new_name("database");
        execute(&mut self.connect().await, &format!("CREATE DATABASE {name}")).await;
        self.url(&name)
    }

    /// The URL of one of the server's databases.
    pub(crate) fn url(&self, database: &str) -> String {
        url(self.port, database)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// A copy of this server that follows it. From now on a commit here waits until the standby
    /// has it on disk. A standby that was there before no longer counts.
    pub(crate) async fn standby(&self) -> Self {
        let name = new_name("standby");
        let mut connection = self.connect().await;
        // The slot keeps the WAL that the copy needs.
        let slot = format!("SELECT pg_create_physical_replication_slot('{name}', true)");
        execute(&mut connection, &slot).await;
        let home = Home::new();
        self.copy_to(&home, &mut connection).await;
        let source =
            format!("host=127.0.0.1 port={} user={USER} application_name={name}", self.port);
        let settings = format!("primary_conninfo = '{source}'\nprimary_slot_name = '{name}'\n");
        // This replaces the primary's settings, among which may be the name of a standby.
        files::write(&home.data().join("postgresql.auto.conf"), &settings, home.account);
        files::write(&home.data().join("standby.signal"), "", home.account);
        let standby = home.run().await;
        let names = format!("ALTER SYSTEM SET synchronous_standby_names = '{name}'");
        execute(&mut connection, &names).await;
        execute(&mut connection, "SELECT pg_reload_conf()").await;
        wait_for_synchronous(&mut connection, &name).await;
        // The checkpointer has commits wait. A checkpoint ends after it has read the new settings.
        execute(&mut connection, "CHECKPOINT").await;
        standby
    }

    /// Copies the data of this running server into the home of a new one. pg_basebackup would do
    /// so too, but is not among the programs that npm installs.
    async fn copy_to(&self, home: &Home, connection: &mut PgConnection) {
        execute(connection, "SELECT pg_backup_start('standby', true)").await;
        files::copy(&self.home.data(), &home.data(), home.account, |path| {
            let is_in = |folder: &&str| path.parent() == Some(Path::new(folder));
            FOLDERS_LEFT_OUT.iter().any(is_in)
                || FILES_LEFT_OUT.iter().any(|file| path == Path::new(file))
        });
        let label = sqlx::query_scalar("SELECT labelfile FROM pg_backup_stop(false)");
        let label: String = label.fetch_one(connection).await.expect("the copy is whole");
        files::write(&home.data().join("backup_label"), &label, home.account);
    }

    /// Kills every process of the server, as when its machine loses power.
    pub(crate) fn kill(&self) {
        processes::kill_all(self.postmaster);
    }

    /// Makes a standby the primary: it takes writes, and waits for no standby of its own.
    pub(crate) async fn promote(&self) {
        let promoted = sqlx::query_scalar("SELECT pg_promote()");
        let promoted: bool =
            promoted.fetch_one(&mut self.connect().await).await.expect("an answer");
        assert!(promoted, "the standby takes writes:\n{}", self.home.log());
    }

    /// Stops every process of the server where it is.
    pub(crate) fn pause(&self) {
        processes::pause(self.postmaster);
    }

    /// Lets a paused server run on.
    pub(crate) fn resume(&self) {
        processes::resume(self.postmaster);
    }

    async fn connect(&self) -> PgConnection {
        PgConnection::connect(&self.url(MAINTENANCE)).await.expect("the server answers")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A paused server would not hear that it is to end.
        self.resume();
    }
}

async fn execute(connection: &mut PgConnection, statement: &str) {
    let done = connection.execute(AssertSqlSafe(statement)).await;
    done.unwrap_or_else(|error| panic!("{statement}: {error}"));
}

async fn wait_for_synchronous(connection: &mut PgConnection, name: &str) {
    const QUESTION: &str = "SELECT EXISTS (SELECT FROM pg_stat_replication \
                            WHERE application_name = $1 AND sync_state = 'sync')";
    let end = Instant::now() + READY_TIMEOUT;
    loop {
        let answer = sqlx::query_scalar(QUESTION).bind(name).fetch_one(&mut *connection).await;
        let is_synchronous: bool = answer.expect("the server answers");
        if is_synchronous {
            return;
        }
        assert!(Instant::now() < end, "{name} does not become synchronous");
        sleep(PAUSE).await;
    }
}

/// The server that all tests of this process share; each test makes its own database in it.
pub(crate) async fn shared() -> &'static Server {
    static SHARED: OnceCell<Server> = OnceCell::const_new();
    SHARED.get_or_init(Server::start).await
}
