#!/usr/bin/env bash
# part.sh start|stop|purge registry|docker28|docker28c|docker20
# start returns when the part answers (at most 60 s); stop touches only a process whose pid we wrote down and whose
# command line names our own files; purge also removes the part's data.
set -euo pipefail
DIR=${KILN_RIG_DIR:-/opt/kiln-rig} RUN=${KILN_RIG_RUN:-/run/kiln-rig}
REG=127.0.0.1:${KILN_RIG_REGISTRY_PORT:-5000} SHIFT=${KILN_RIG_NET:-0}
[[ $SHIFT == [0-3] ]] || { echo "KILN_RIG_NET is 0 to 3" >&2; exit 2; }
do=${1:-} part=${2:-}
data=$DIR/$part sock=$RUN/$part.sock exec_root=$RUN/$part pidfile=$RUN/$part.pid
case $part in
  registry) net= mark=$DIR/registry.yml ;;
  docker28) net=$((28 + SHIFT)) eng=$DIR/engine28 mark="--data-root $data " opts=(--feature containerd-snapshotter=false -H "tcp://127.0.0.1:$((2328 + SHIFT))") ;;
  docker28c) net=$((24 + SHIFT)) eng=$DIR/engine28 mark="--data-root $data " opts=(--feature containerd-snapshotter=true) ;;
  docker20) net=$((20 + SHIFT)) eng=$DIR/engine20 mark="--data-root $data " opts=() ;;
  *) echo "unknown part: $part" >&2; exit 2 ;;
esac
br=kilnbr$net lan=172.$net.0.0/16

cmdline() { tr '\0' ' ' <"/proc/$1/cmdline" 2>/dev/null || true; }
# ours PIDFILE TEXT: prints the pid when it is alive and its command line holds TEXT
ours() {
  local p; p=$(cat "$1" 2>/dev/null) || return 1
  [[ $p =~ ^[0-9]+$ && $(cmdline "$p") == *"$2"* ]] && echo "$p"
}
answers() {
  if [ -z "$net" ]; then curl -fsm 3 -o /dev/null "http://$REG/v2/"
  else curl -fsm 3 -o /dev/null --unix-socket "$sock" http://engine/_ping; fi
}
detach() { setsid nohup "$@" >>"$DIR/log/$part.log" 2>&1 </dev/null & echo $! >"$pidfile"; }

rule() { iptables -w 10 -t "$2" "$1" "${@:3}"; } # -C|-I|-D TABLE CHAIN MATCH...
network() {
  echo "$br" >"$RUN/$part.net" # what stop may take away again
  ip link show "$br" >/dev/null 2>&1 || { ip link add "$br" type bridge; ip addr add "172.$net.0.1/24" dev "$br"; }
  ip link set "$br" up
  echo 1 >/proc/sys/net/ipv4/ip_forward
  each_rule add
}
# The engines leave the firewall alone (--iptables=false), because two of them would rewrite each other's chains.
each_rule() {
  local r
  for r in "nat POSTROUTING -s $lan ! -d $lan -j MASQUERADE" "filter FORWARD -s $lan -j ACCEPT" "filter FORWARD -d $lan -j ACCEPT"; do
    # shellcheck disable=SC2086
    case $1 in
      add) rule -C $r 2>/dev/null || rule -I $r ;;
      drop) while rule -D $r 2>/dev/null; do :; done ;;
    esac
  done
}

end() { # PID: term, 20 s, kill. A process that nobody has reaped yet has an empty command line.
  local n
  kill "$1" 2>/dev/null || return 0
  for n in $(seq 200); do [ -n "$(cmdline "$1")" ] || return 0; sleep 0.1; done
  kill -9 "$1" 2>/dev/null || true
}
# Containers outlive a killed engine: their shims are programs of our folder that name our socket.
sweep() {
  local exe p
  for exe in /proc/[0-9]*/exe; do
    [[ $(readlink "$exe") == "$eng"/* ]] || continue
    p=${exe//[^0-9]/}
    [[ $(cmdline "$p") == *" -address $exec_root/containerd/containerd.sock"* ]] || continue
    # shellcheck disable=SC2046
    kill -9 $(cat "/proc/$p/task/$p/children") "$p" 2>/dev/null || true
  done
}

start() {
  local t0=$SECONDS pid
  mkdir -p "$DIR/log" "$RUN" "$data"
  if pid=$(ours "$pidfile" "$mark"); then
    answers && return 0
  else
    rm -f "$pidfile"
    if [ -z "$net" ]; then
      answers && { echo "something else listens on $REG" >&2; return 1; }
      cat >"$mark" <<Y
version: 0.1
log: {level: warn, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: "$data"}, delete: {enabled: true}, cache: {blobdescriptor: inmemory}}
http: {addr: "$REG"}
Y
      OTEL_TRACES_EXPORTER=none detach "$DIR/engine28/usr/bin/docker-registry" serve "$mark"
    else
      network
      # after a killed machine: the files are there, the processes are not
      rm -f "$sock" "$exec_root.docker.pid"
      ours "$exec_root/containerd/containerd.pid" "$exec_root" >/dev/null || { sweep; rm -rf "$exec_root/containerd"; }
      [ -e "$DIR/daemon.json" ] || echo '{}' >"$DIR/daemon.json"
      PATH=$eng/usr/sbin:$eng/usr/bin:$PATH detach "$eng/usr/sbin/dockerd" --data-root "$data" --exec-root "$exec_root" \
        --pidfile "$exec_root.docker.pid" --config-file "$DIR/daemon.json" -H "unix://$sock" --tls=false \
        --bridge "$br" --default-address-pool "base=172.$net.128.0/17,size=24" --iptables=false --ip6tables=false \
        --registry-mirror "http://$REG" "${opts[@]}"
    fi
  fi
  until answers; do
    ours "$pidfile" "$mark" >/dev/null || { sleep 0.3; ours "$pidfile" "$mark" >/dev/null || { echo "$part died at its start" >&2; return 1; }; }
    [ $((SECONDS - t0)) -lt 60 ] || { echo "$part does not answer after 60 s" >&2; return 1; }
    sleep 0.1
  done
}

stop() {
  local pid
  if pid=$(ours "$pidfile" "$mark"); then end "$pid"; fi
  rm -f "$pidfile"
  [ -n "$net" ] || return 0
  if pid=$(ours "$exec_root/containerd/containerd.pid" "$exec_root"); then end "$pid"; fi
  sweep
  rm -f "$sock" "$exec_root.docker.pid"
  if [ -e "$RUN/$part.net" ]; then each_rule drop; ip link del "$br" 2>/dev/null || true; rm -f "$RUN/$part.net"; fi
}
purge() {
  stop
  awk -v a="$data/" -v b="$exec_root/" 'index($2 "/", a) == 1 || index($2, b) == 1 { print $2 }' /proc/mounts | sort -r |
    while read -r m; do umount -l "$m" || true; done
  rm -rf "$data" "$exec_root"
}
case $do in start | stop | purge) "$do" ;; *) echo "usage: part.sh start|stop|purge PART" >&2; exit 2 ;; esac
