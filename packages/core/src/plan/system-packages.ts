import type { Ecosystem } from '../detect/detection.ts'

export type Distro = 'bookworm' | 'trixie'

/** What a package needs of the distribution: `build` to be compiled, `image` to run. Names checked on Debian 12 and 13. */
export interface SystemNeed {
  readonly ecosystem: Ecosystem
  readonly names: readonly string[]
  /** an extra, or a package of its own, that brings the library along, so that nothing is needed */
  readonly unless?: { readonly extras: readonly string[]; readonly packages: readonly string[] }
  /** empty when ready-made files are published */
  readonly build: readonly string[]
  readonly image: Readonly<Record<Distro, readonly string[]>>
}

/** Matched by exact, normalised name against what is declared, locked or inferred. `detection.md` 2.5. */
export const systemNeeds: readonly SystemNeed[] = [
  need('pypi', ['psycopg2'], { build: ['gcc', 'libc6-dev', 'libpq-dev'], image: ['libpq5'] }),
  need('pypi', ['psycopg'], { image: ['libpq5'], unless: { extras: ['binary'], packages: ['psycopg-binary'] } }),
  need('pypi', ['psycopg-c'], { build: ['gcc', 'libc6-dev', 'libpq-dev'], image: ['libpq5'] }),
  need('pypi', ['mysqlclient'], { build: ['gcc', 'libc6-dev', 'libmariadb-dev', 'pkg-config'], image: ['libmariadb3'] }),
  need('pypi', ['opencv-python', 'opencv-contrib-python'], {
    image: ['libgl1', 'libglib2.0-0', 'libxcb1'],
    trixie: ['libgl1', 'libglib2.0-0t64', 'libxcb1'],
  }),
  need('pypi', ['pyodbc'], { image: ['libodbc2'] }),
  need('pypi', ['pycairo'], { build: ['gcc', 'libc6-dev', 'libcairo2-dev', 'pkg-config'], image: ['libcairo2'] }),
  need('pypi', ['weasyprint'], { image: ['fonts-dejavu-core', 'libpango-1.0-0', 'libpangoft2-1.0-0'] }),
  need('pypi', ['pdf2image'], { image: ['poppler-utils'] }),
  need('pypi', ['pytesseract'], { image: ['tesseract-ocr'] }),
  need('pypi', ['pydub', 'moviepy', 'ffmpeg-python', 'openai-whisper', 'yt-dlp'], { image: ['ffmpeg'] }),
  need('pypi', ['pyaudio'], {
    build: ['gcc', 'libc6-dev', 'portaudio19-dev'],
    image: ['libasound2', 'libportaudio2'],
    trixie: ['libasound2t64', 'libportaudio2'],
  }),
  need('pypi', ['sounddevice'], { image: ['libasound2', 'libportaudio2'], trixie: ['libasound2t64', 'libportaudio2'] }),
  need('pypi', ['python-magic'], { image: ['libmagic1'], trixie: ['libmagic1t64'] }),
  need('pypi', ['pyzbar'], { image: ['libzbar0'], trixie: ['libzbar0t64'] }),
  need('pypi', ['xmlsec', 'python3-saml'], {
    build: ['gcc', 'libc6-dev', 'libxmlsec1-dev', 'pkg-config'],
    image: ['libxmlsec1-openssl'],
    trixie: ['libxmlsec1t64-openssl'],
  }),
  need('pypi', ['python-ldap'], {
    build: ['gcc', 'libc6-dev', 'libldap2-dev', 'libsasl2-dev'],
    image: ['libldap-2.5-0'],
    trixie: ['libldap2'],
  }),
  need('pypi', ['gssapi', 'pykerberos'], { build: ['gcc', 'libc6-dev', 'libkrb5-dev'], image: ['libgssapi-krb5-2'] }),
  need('pypi', ['gitpython'], { image: ['git'] }),
  need('pypi', ['azure-cognitiveservices-speech'], {
    image: ['ca-certificates', 'libasound2', 'libssl3'],
    trixie: ['ca-certificates', 'libasound2t64', 'libssl3t64'],
  }),
  need('pypi', ['lightgbm', 'torch', 'xgboost'], { image: ['libgomp1'] }),
  need('npm', ['fluent-ffmpeg'], { image: ['ffmpeg'] }),
  need('npm', ['prisma', '@prisma/client'], { build: ['openssl'], image: ['openssl'] }),
]

interface Needed {
  readonly build?: readonly string[]
  readonly image: readonly string[]
  readonly trixie?: readonly string[]
  readonly unless?: NonNullable<SystemNeed['unless']>
}

function need(ecosystem: Ecosystem, names: readonly string[], { build = [], image, trixie = image, unless }: Needed): SystemNeed {
  return { ecosystem, names, build, image: { bookworm: image, trixie }, ...(unless ? { unless } : {}) }
}

export interface SystemPackages {
  readonly build: readonly string[]
  readonly image: readonly string[]
  /** for each need met: the package that has it and what it brings */
  readonly because: readonly { readonly name: string; readonly packages: readonly string[] }[]
}

/** What a set of packages (name to the extras asked for) needs of a distribution. */
export function systemPackagesFor(ecosystem: Ecosystem, packages: ReadonlyMap<string, readonly string[]>, distro: Distro): SystemPackages {
  const met = systemNeeds.flatMap((one) => {
    const name = one.ecosystem === ecosystem ? one.names.find((each) => packages.has(each)) : undefined
    const spared =
      one.unless &&
      name !== undefined &&
      (one.unless.packages.some((each) => packages.has(each)) || packages.get(name)!.some((extra) => one.unless!.extras.includes(extra)))
    return name === undefined || spared ? [] : [{ name, need: one }]
  })
  return {
    build: sorted(met.flatMap((one) => one.need.build)),
    image: sorted(met.flatMap((one) => one.need.image[distro])),
    because: met.map((one) => ({ name: one.name, packages: one.need.image[distro] })),
  }
}

function sorted(names: readonly string[]): string[] {
  return [...new Set(names)].sort()
}
