import type { Ecosystem } from '../detect/detection.ts'
import { npmNeeds } from './system-packages-npm.ts'

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
  /** only where the source itself declares it, not where a lock has it */
  readonly direct?: boolean
  /** a command that fetches what is no package, once the packages are installed */
  readonly run?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** What Chromium needs, by playwright's own list for Debian 12; Debian 13 renamed some. */
const chromium: readonly string[] =
  'fonts-liberation libasound2 libatk-bridge2.0-0 libatk1.0-0 libatspi2.0-0 libcairo2 libcups2 libdbus-1-3 libdrm2 libgbm1 libglib2.0-0 libnspr4 libnss3 libpango-1.0-0 libx11-6 libxcb1 libxcomposite1 libxdamage1 libxext6 libxfixes3 libxkbcommon0 libxrandr2'.split(
    ' ',
  )

const browsers = '/opt/playwright'

function renamedInTrixie(name: string): string {
  return /^lib(?:asound2|atk-bridge2\.0-0|atk1\.0-0|atspi2\.0-0|cups2|glib2\.0-0)$/.test(name) ? `${name}t64` : name
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
  need('pypi', ['cairocffi', 'cairosvg'], { image: ['libcairo2'] }),
  need('pypi', ['weasyprint'], { image: ['fonts-dejavu-core', 'libharfbuzz-subset0', 'libpango-1.0-0', 'libpangoft2-1.0-0'] }),
  need('pypi', ['pypandoc'], { image: ['pandoc'], unless: { extras: [], packages: ['pypandoc-binary'] } }),
  need('pypi', ['graphviz', 'pydot'], { image: ['graphviz'] }),
  need('pypi', ['pygraphviz'], { build: ['gcc', 'libc6-dev', 'libgraphviz-dev', 'pkg-config'], image: ['graphviz'] }),
  need('pypi', ['wand'], { image: ['libmagickwand-6.q16-6'], trixie: ['libmagickwand-7.q16-10'] }),
  need('pypi', ['pdftotext'], {
    build: ['g++', 'libpoppler-cpp-dev', 'pkg-config'],
    image: ['libpoppler-cpp0v5'],
    trixie: ['libpoppler-cpp2'],
  }),
  need('pypi', ['camelot-py'], { image: ['ghostscript'] }),
  need('pypi', ['pyvips'], { image: ['libvips42'], trixie: ['libvips42t64'], unless: { extras: ['binary'], packages: ['pyvips-binary'] } }),
  need('pypi', ['pylibdmtx'], { image: ['libdmtx0b'], trixie: ['libdmtx0t64'] }),
  need('pypi', ['gdal'], { build: ['g++', 'libgdal-dev'], image: ['libgdal32'], trixie: ['libgdal36'] }),
  need('pypi', ['mariadb'], { build: ['gcc', 'libc6-dev', 'libmariadb-dev'], image: ['libmariadb3'] }),
  need('pypi', ['uwsgi'], { build: ['gcc', 'libc6-dev'], image: [] }),
  need('pypi', ['annoy', 'fasttext', 'hnswlib', 'chroma-hnswlib'], { build: ['g++'], image: [] }),
  need('pypi', ['dlib', 'face-recognition'], { build: ['cmake', 'g++', 'make'], image: [] }),
  need('pypi', ['jpype1', 'konlpy', 'language-tool-python', 'pyspark', 'tabula-py'], { image: ['default-jre-headless'] }),
  need('pypi', ['selenium', 'pyppeteer'], { image: ['chromium', 'chromium-driver', 'fonts-liberation'] }),
  // since 0.6 it comes without playwright, and looks for the distribution's browser
  need('pypi', ['browser-use'], { image: ['chromium', 'fonts-liberation'] }),
  {
    ...need('pypi', ['playwright', 'crawl4ai'], { image: chromium, trixie: chromium.map(renamedInTrixie) }),
    // at a place that every user of the image can read, and before the source, which changes more often
    run: ['env', `PLAYWRIGHT_BROWSERS_PATH=${browsers}`, 'python', '-m', 'playwright', 'install', '--only-shell', 'chromium'],
    env: { PLAYWRIGHT_BROWSERS_PATH: browsers },
  },
  need('pypi', ['pdf2image'], { image: ['poppler-utils'] }),
  need('pypi', ['pytesseract'], { image: ['tesseract-ocr'] }),
  need('pypi', ['ocrmypdf'], { image: ['ghostscript', 'tesseract-ocr'] }),
  need('pypi', ['pydub', 'moviepy', 'ffmpeg-python', 'openai-whisper', 'whisperx', 'yt-dlp'], { image: ['ffmpeg'] }),
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
  ...npmNeeds({ bookworm: chromium, trixie: chromium.map(renamedInTrixie) }),
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
  /** commands after the installation, before the source */
  readonly run: readonly (readonly string[])[]
  readonly env: Readonly<Record<string, string>>
  /** for each need met: the package that has it and what it brings */
  readonly because: readonly { readonly name: string; readonly packages: readonly string[] }[]
}

/** What a set of packages (name to the extras asked for) needs of a distribution; `declared`: those that the source itself names. */
export function systemPackagesFor(
  ecosystem: Ecosystem,
  packages: ReadonlyMap<string, readonly string[]>,
  distro: Distro,
  declared: ReadonlySet<string> = new Set(packages.keys()),
): SystemPackages {
  const met = systemNeeds.flatMap((one) => {
    const name = one.ecosystem === ecosystem ? one.names.find((each) => (one.direct ? declared : packages).has(each)) : undefined
    const spared =
      one.unless &&
      name !== undefined &&
      (one.unless.packages.some((each) => packages.has(each)) || packages.get(name)!.some((extra) => one.unless!.extras.includes(extra)))
    return name === undefined || spared ? [] : [{ name, need: one }]
  })
  return {
    build: sorted(met.flatMap((one) => one.need.build)),
    image: sorted(met.flatMap((one) => one.need.image[distro])),
    run: met.flatMap((one) => (one.need.run ? [one.need.run] : [])),
    env: Object.assign({}, ...met.map((one) => one.need.env ?? {})) as Record<string, string>,
    because: met.map((one) => ({ name: one.name, packages: one.need.image[distro].length > 0 ? one.need.image[distro] : one.need.build })),
  }
}

function sorted(names: readonly string[]): string[] {
  return [...new Set(names)].sort()
}
