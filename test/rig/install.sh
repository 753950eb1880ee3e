#!/usr/bin/env bash
# install.sh host | engine28 | engine20
#   host      the few packages that must be installed on the machine itself (none of them starts a service)
#   engineNN  Debian packages unpacked under $KILN_RIG_DIR, not installed: an engine that is already on the machine
#             keeps its files and its package state. engine28 brings the docker client, buildx and the registry too.
set -euo pipefail
DIR=${KILN_RIG_DIR:-/opt/kiln-rig}
export DEBIAN_FRONTEND=noninteractive LC_ALL=C

host() {
  local want='' p n
  for p in mmdebstrap iptables iproute2 curl ca-certificates libdevmapper1.02.1 libseccomp2; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || want+=" $p"
  done
  [ -n "$want" ] || return 0
  # An archive directory of its own: a second apt's clean-up hook empties the shared one between download and unpack.
  mkdir -p "$DIR/apt/host/partial"
  for n in 1 2 3 4; do
    # shellcheck disable=SC2086
    apt-get -o DPkg::Lock::Timeout=180 -o Dir::Cache::archives="$DIR/apt/host" install -yq --no-install-recommends $want && break
    [ $n -lt 4 ] || return 1
    apt-get -o DPkg::Lock::Timeout=180 update -q || sleep 5
  done
  rm -rf "$DIR/apt/host"
}

# unpack DEST PACKAGE/SUITE... : from a package state apart from the machine's, with its own sources, lists and
# archives and none of the machine's hooks. Signatures are checked as everywhere.
unpack() {
  local dest=$1 a=$1.new mirror suite; shift
  mirror=${KILN_RIG_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 2>/dev/null | grep -m1 -E '/debian/?$' || true)}
  rm -rf "$a" "$dest"; mkdir -p "$a"/{root,deb,state/lists/partial,archives/partial}; : >"$a/status"
  for suite in $(printf '%s\n' "${@#*/}" | sort -u); do
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror:-http://deb.debian.org/debian} $suite main"
  done >"$a/sources.list"
  cat >"$a/apt.conf" <<C
#clear APT::Update;
#clear DPkg::Post-Invoke;
Dir::Etc::sourcelist "$a/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "$a/state";
Dir::State::status "$a/status";
Dir::Cache "$a";
Dir::Cache::archives "$a/archives";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
C
  cd "$a/deb"
  apt-get -c "$a/apt.conf" update -q
  apt-get -c "$a/apt.conf" download -q "$@"
  # largest first, all cores: one package unpacks on one core
  ls -S -- *.deb | xargs -P "$(nproc)" -I{} dpkg -x {} "$a/root"
  ln -sf tini-static "$a/root/usr/bin/docker-init"
  rm -rf "$a/root/usr/share"
  "$a/root/usr/sbin/dockerd" --version
  cd /; mv "$a/root" "$dest"; rm -rf "$a"
}

case ${1:-} in
  host) host ;;
  # sid's Engine 28 is linked against a glibc that Debian 12 satisfies, its runc is not: runc is Debian 12's.
  engine28)
    s=${KILN_RIG_SUITE:-sid}
    unpack "$DIR/engine28" docker.io/$s docker-cli/$s docker-buildx/$s containerd/$s tini-static/$s runc/bookworm docker-registry/bookworm
    # DOCKER_CONFIG=$DIR/cli: the docker client finds buildx, and no credentials
    mkdir -p "$DIR/cli"
    echo "{\"cliPluginsExtraDirs\": [\"$DIR/engine28/usr/libexec/docker/cli-plugins\"]}" >"$DIR/cli/config.json" ;;
  engine20) unpack "$DIR/engine20" docker.io/bookworm containerd/bookworm runc/bookworm tini/bookworm ;;
  *) echo "usage: install.sh host|engine28|engine20" >&2; exit 2 ;;
esac
