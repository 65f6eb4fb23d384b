# Runs a PostgreSQL server for a test, and leaves nothing of the server when the test's process
# ends, however that process ends: the system then closes the pipe that is this script's input.
#
# Arguments: the server's folder, the program postgres. Each line of the input is a port at which
# the server is to start; the answer is the server's process id.
folder=$1
postgres=$2
server=
# The system sends this signal when a test's process ends while the server is paused.
trap '' HUP
while read -r port; do
    "$postgres" -D "$folder/data" -p "$port" </dev/null >>"$folder/log" 2>&1 &
    server=$!
    echo "$server"
done
if [ -n "$server" ]; then
    kill -QUIT "$server"
    kill -CONT "$server"
    wait "$server"
    # A killed server leaves this file, whose seventh line ends with the id of shared memory.
    if [ -f "$folder/data/postmaster.pid" ]; then
        ipcrm -m "$(sed -n '7s/.* //p' "$folder/data/postmaster.pid")"
    fi
fi 2>/dev/null
cd /
rm -rf "$folder"
