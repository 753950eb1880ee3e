import type { Distro } from './system-packages.ts'

/** What the distribution has for something that a build lacked: `build` to compile with it, `image` to run what was compiled. */
export interface Bringing {
  readonly build: readonly string[]
  readonly image: Readonly<Record<Distro, readonly string[]>>
}

const compiler: readonly string[] = ['gcc', 'libc6-dev']

/** Headers that packages are known to ask for, by the name as the compiler says it. Names checked on Debian 12 and 13. */
export const packagesOfHeader: Readonly<Record<string, Bringing>> = {
  'Python.h': bringing(['python3-dev']),
  'alsa/asoundlib.h': bringing(['libasound2-dev'], ['libasound2'], ['libasound2t64']),
  'cairo.h': bringing(['libcairo2-dev', 'pkg-config'], ['libcairo2']),
  'curl/curl.h': bringing(['libcurl4-openssl-dev', 'libssl-dev'], ['libcurl4'], ['libcurl4t64']),
  'ffi.h': bringing(['libffi-dev'], ['libffi8']),
  'gmp.h': bringing(['libgmp-dev'], ['libgmp10']),
  'graphviz/cgraph.h': bringing(['libgraphviz-dev', 'pkg-config'], ['libcgraph6', 'libgvc6'], ['libcgraph6', 'libgvc6']),
  'gssapi/gssapi.h': bringing(['libkrb5-dev'], ['libgssapi-krb5-2']),
  'jpeglib.h': bringing(['libjpeg-dev', 'zlib1g-dev'], ['libjpeg62-turbo']),
  'krb5.h': bringing(['libkrb5-dev'], ['libgssapi-krb5-2']),
  'lber.h': bringing(['libldap2-dev', 'libsasl2-dev'], ['libldap-2.5-0'], ['libldap2']),
  'ldap.h': bringing(['libldap2-dev', 'libsasl2-dev'], ['libldap-2.5-0'], ['libldap2']),
  'libmemcached/memcached.h': bringing(['libmemcached-dev', 'zlib1g-dev'], ['libmemcached11'], ['libmemcached11t64']),
  'libpq-fe.h': bringing(['libpq-dev'], ['libpq5']),
  'libxml/xmlversion.h': bringing(['libxml2-dev', 'libxslt1-dev'], ['libxslt1.1']),
  'libxml/xpath.h': bringing(['libxml2-dev', 'libxslt1-dev'], ['libxslt1.1']),
  'limits.h': bringing(['libc6-dev']),
  'magic.h': bringing(['libmagic-dev'], ['libmagic1'], ['libmagic1t64']),
  'mysql.h': bringing(['libmariadb-dev', 'pkg-config'], ['libmariadb3']),
  'openssl/opensslv.h': bringing(['libssl-dev'], ['libssl3'], ['libssl3t64']),
  'openssl/ssl.h': bringing(['libssl-dev'], ['libssl3'], ['libssl3t64']),
  'portaudio.h': bringing(['portaudio19-dev'], ['libportaudio2']),
  'sasl/sasl.h': bringing(['libsasl2-dev'], ['libsasl2-2']),
  'sndfile.h': bringing(['libsndfile1-dev'], ['libsndfile1']),
  'sql.h': bringing(['unixodbc-dev', 'g++'], ['libodbc2']),
  'stdio.h': bringing(['libc6-dev']),
  'stdlib.h': bringing(['libc6-dev']),
  'yaml.h': bringing(['libyaml-dev'], ['libyaml-0-2']),
  'zlib.h': bringing(['zlib1g-dev']),
}

/** Programs that builds call. */
export const packagesOfTool: Readonly<Record<string, Bringing>> = {
  'g++': tool('g++'),
  mysql_config: bringing(['libmariadb-dev', 'pkg-config'], ['libmariadb3']),
  'node-gyp': tool('g++', 'make', 'python3'),
  pg_config: bringing(['libpq-dev'], ['libpq5']),
  'pkg-config': tool('pkg-config'),
  'xml2-config': bringing(['libxml2-dev', 'libxslt1-dev'], ['libxslt1.1']),
  'xslt-config': bringing(['libxml2-dev', 'libxslt1-dev'], ['libxslt1.1']),
  cmake: tool('cmake', 'g++', 'make'),
  curl: tool('ca-certificates', 'curl'),
  ffmpeg: tool('ffmpeg'),
  gcc: bringing([]),
  git: tool('ca-certificates', 'git'),
  make: tool('make'),
  protoc: tool('protobuf-compiler'),
  rustc: bringing(['cargo', 'rustc']),
  swig: tool('swig'),
  unzip: tool('unzip'),
  wget: tool('ca-certificates', 'wget'),
}

/** Shared libraries by soname, and the package of the distribution that has each. */
export const packagesOfLibrary: Readonly<Record<string, Readonly<Record<Distro, string>>>> = {
  'libGL.so.1': both('libgl1'),
  'libSM.so.6': both('libsm6'),
  'libX11.so.6': both('libx11-6'),
  'libXext.so.6': both('libxext6'),
  'libXrender.so.1': both('libxrender1'),
  'libasound.so.2': { bookworm: 'libasound2', trixie: 'libasound2t64' },
  'libatomic.so.1': both('libatomic1'),
  'libcairo.so.2': both('libcairo2'),
  'libcurl.so.4': { bookworm: 'libcurl4', trixie: 'libcurl4t64' },
  'libffi.so.8': both('libffi8'),
  'libglib-2.0.so.0': { bookworm: 'libglib2.0-0', trixie: 'libglib2.0-0t64' },
  'libgobject-2.0.so.0': { bookworm: 'libglib2.0-0', trixie: 'libglib2.0-0t64' },
  'libgomp.so.1': both('libgomp1'),
  'libgssapi_krb5.so.2': both('libgssapi-krb5-2'),
  'libgthread-2.0.so.0': { bookworm: 'libglib2.0-0', trixie: 'libglib2.0-0t64' },
  'libmagic.so.1': { bookworm: 'libmagic1', trixie: 'libmagic1t64' },
  'libmariadb.so.3': both('libmariadb3'),
  'libnss3.so': both('libnss3'),
  'libodbc.so.2': both('libodbc2'),
  'libpango-1.0.so.0': both('libpango-1.0-0'),
  'libpangoft2-1.0.so.0': both('libpangoft2-1.0-0'),
  'libportaudio.so.2': both('libportaudio2'),
  'libpq.so.5': both('libpq5'),
  'libsndfile.so.1': both('libsndfile1'),
  'libssl.so.3': { bookworm: 'libssl3', trixie: 'libssl3t64' },
  'libusb-1.0.so.0': both('libusb-1.0-0'),
  'libxcb.so.1': both('libxcb1'),
  'libxml2.so.2': both('libxml2'),
  'libxslt.so.1': both('libxslt1.1'),
  'libzbar.so.0': { bookworm: 'libzbar0', trixie: 'libzbar0t64' },
}

/** Headers are of use to a compiler only, which a slim base does not have. */
function bringing(build: readonly string[], image: readonly string[] = [], trixie: readonly string[] = image): Bringing {
  return { build: [...new Set([...compiler, ...build])].sort(), image: { bookworm: image, trixie } }
}

function tool(...packages: readonly string[]): Bringing {
  return { build: packages, image: { bookworm: [], trixie: [] } }
}

function both(name: string): Readonly<Record<Distro, string>> {
  return { bookworm: name, trixie: name }
}
