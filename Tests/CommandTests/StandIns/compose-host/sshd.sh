#!/usr/bin/env bash
# A real sshd on 127.0.0.1 that leads to the shell of a VM made by host.sh; its keys and all else are in FOLDER/ssh.
#
#   sshd.sh start FOLDER    starts it, with keys of its own, or starts it again where it was; prints its port.
#                           `ssh -F FOLDER/ssh/config customer-vm` is the way in
#   sshd.sh cut FOLDER      ends all connections at once; what runs in sessions of its own goes on
#   sshd.sh refuse FOLDER   accepts no new ones, until it is started again
#   sshd.sh freeze FOLDER   lets connections stand and says nothing more; thaw FOLDER has them go on
#   sshd.sh rekey FOLDER    is another server from now on: known_hosts has the old one's key
#   sshd.sh lock-out FOLDER   does not know the client's key any more
#   sshd.sh stop FOLDER     ends it, with all connections
#
# As root it runs as root, or it could not let anybody in; it takes the one key and no password.
set -euo pipefail

fail() {
    printf 'sshd.sh: %s\n' "$*" >&2
    exit 1
}

find_sshd() {
    local program
    for program in "$(command -v sshd || :)" /usr/sbin/sshd /usr/local/sbin/sshd; do
        [ ! -x "$program" ] || {
            printf '%s\n' "$program"
            return
        }
    done
    fail 'there is no sshd here: make sshd installs it'
}

new_key() { ssh-keygen -q -t ed25519 -N '' -C "$1" -f "$ssh/$1"; }

make_keys() {
    mkdir -m 700 "$ssh"
    new_key host_key
    new_key client_key
    cp "$ssh/client_key.pub" "$ssh/authorized_keys"
    cat >"$ssh/sshd_config" <<END
HostKey "$ssh/host_key"
KexAlgorithms curve25519-sha256
PidFile "$ssh/pid"
AuthorizedKeysFile "$ssh/authorized_keys"
AuthenticationMethods publickey
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
UseDNS no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitUserEnvironment no
PermitUserRC no
SetEnv HOME="$folder/home"
PrintMotd no
PrintLastLog no
MaxStartups 100
MaxSessions 100
LogLevel VERBOSE
ForceCommand exec "$folder/vm-shell"
END
}

# What a client has to know of this port.
write_client() {
    printf '[127.0.0.1]:%s %s\n' "$1" "$(cut -d ' ' -f 1,2 "$ssh/host_key.pub")" >"$ssh/known_hosts"
    cat >"$ssh/config" <<END
Host customer-vm
    HostName 127.0.0.1
    Port $1
    User $(id -un)
    IdentityFile "$ssh/client_key"
    IdentitiesOnly yes
    IdentityAgent none
    UserKnownHostsFile "$ssh/known_hosts"
    GlobalKnownHostsFile /dev/null
    StrictHostKeyChecking yes
END
}

# It writes its number once it listens.
listen() {
    rm -f "$ssh/pid"
    "$(find_sshd)" -f "$ssh/sshd_config" -o ListenAddress="127.0.0.1:$1" -E "$ssh/log" </dev/null >/dev/null 2>&1 || return 1
    while [ ! -s "$ssh/pid" ]; do sleep 0.02; done
}

start() {
    local port try
    if [ "$EUID" -eq 0 ] && [ "$(uname)" = Linux ]; then mkdir -p /run/sshd; fi # where it locks itself in
    [ -e "$ssh" ] || make_keys
    ! is_listening || return 0
    if [ -e "$ssh/port" ]; then
        for try in 1 2 3 4 5 6 7 8; do
            listen "$(cat "$ssh/port")" && break
            sleep 0.2 # until those that are being ended have left the port
        done
    else
        # The server itself says whether a port is free; below the range that systems hand out.
        for try in 1 2 3 4 5 6 7 8; do
            port=$((12000 + RANDOM % 8000))
            listen "$port" || continue
            printf '%s\n' "$port" >"$ssh/port"
            write_client "$port"
            break
        done
    fi
    is_listening || {
        cat "$ssh/log" >&2
        fail "it did not start (attempt $try)"
    }
    cat "$ssh/port"
}

# One that was killed, and that nobody has asked about yet, listens no more.
is_listening() {
    local pid state
    [ -s "$ssh/pid" ] || return 1
    read -r pid <"$ssh/pid"
    state=$(ps -p "$pid" -o stat= -o args= 2>/dev/null) || return 1
    case $state in Z*) return 1 ;; *sshd*) ;; *) return 1 ;; esac
}

# The processes of connections: sshd's children that are sshd themselves, and theirs. Those that an earlier listener
# has left behind are in a file.
connections() {
    local parents
    parents=$(cat "$ssh/pid" "$ssh/orphans" 2>/dev/null || :)
    ps -A -ww -o pid= -o ppid= -o args= | awk -v parents="$parents" '
        BEGIN { n = split(parents, list, /[ \n]+/); for (i = 1; i <= n; i++) known[list[i]] = 1; listener = list[1] }
        $3 ~ /^sshd(-session)?:/ || $3 ~ /\/sshd(-session)?$/ { parent[$1] = $2 }
        END {
            do {
                more = 0
                for (p in parent) if (!(p in known) && parent[p] in known) { known[p] = 1; more = 1 }
            } while (more)
            for (p in parent) if (p in known && p != listener) print p
        }'
}

signal() {
    local process
    for process in $(connections); do kill "-$1" "$process" 2>/dev/null || :; done
}

refuse() {
    is_listening || return 0
    connections >"$ssh/orphans.new"
    mv "$ssh/orphans.new" "$ssh/orphans"
    kill -KILL "$(cat "$ssh/pid")"
    while is_listening; do sleep 0.02; done
}

[ $# -eq 2 ] && [ -e "$2/vm-shell" ] || fail 'see the head of this file'
folder=$(cd "$2" && pwd)
ssh=$folder/ssh
[ "$1" = start ] || [ -e "$ssh/port" ] || exit 0
case $1 in
start) start ;;
cut) signal KILL ;;
refuse) refuse ;;
freeze) signal STOP ;;
thaw) signal CONT ;;
rekey)
    refuse
    rm "$ssh"/host_key*
    new_key host_key
    start
    ;;
lock-out) : >"$ssh/authorized_keys" ;;
stop)
    refuse
    signal KILL
    ;;
*) fail "what is $1?" ;;
esac
