import type { SystemNeed } from './system-packages.ts'

const compilers: readonly string[] = ['g++', 'make', 'pkg-config', 'python3']
const browsers = '/opt/playwright'

/** The rows of npm's packages: what a browser needs (`chromium`, by distribution) is the same as for Python's. */
export function npmNeeds(chromium: SystemNeed['image']): readonly SystemNeed[] {
  return [
    need(['fluent-ffmpeg'], { image: ['ffmpeg'] }),
    need(['prisma', '@prisma/client'], { build: ['openssl'], image: ['openssl'] }),
    {
      // the browser of the distribution takes the place of the one it would download into a home that the program does not have
      ...need(['puppeteer', 'puppeteer-core', 'selenium-webdriver'], { image: ['chromium', 'chromium-driver', 'fonts-liberation'] }),
      direct: true,
      env: { PUPPETEER_EXECUTABLE_PATH: '/usr/bin/chromium', PUPPETEER_SKIP_DOWNLOAD: 'true' },
    },
    playwright('playwright', chromium),
    playwright('playwright-chromium', chromium),
    need(['canvas'], {
      build: [...compilers, 'libcairo2-dev', 'libgif-dev', 'libjpeg-dev', 'libpango1.0-dev', 'librsvg2-dev'],
      image: ['libcairo2', 'libgif7', 'libjpeg62-turbo', 'libpangocairo-1.0-0', 'librsvg2-2'],
    }),
    // compiled while installing where no ready-made file fits; sharp brings its library
    need(['better-sqlite3', 'sqlite3', 'bcrypt', 'node-pty', 'isolated-vm', 're2', 'farmhash', 'leveldown', 'node-sass'], {
      build: compilers,
    }),
    need(['pg-native', 'libpq'], { build: [...compilers, 'libpq-dev'], image: ['libpq5'] }),
    need(['odbc'], { build: [...compilers, 'unixodbc-dev'], image: ['libodbc2'] }),
    need(['kerberos'], { build: [...compilers, 'libkrb5-dev'], image: ['libgssapi-krb5-2'] }),
    need(['gm'], { image: ['graphicsmagick', 'imagemagick'] }),
    need(['node-poppler', 'pdf-poppler', 'pdf2pic'], { image: ['poppler-utils'] }),
    need(['node-tesseract-ocr'], { image: ['tesseract-ocr'] }),
    need(['simple-git'], { image: ['git'] }),
  ]
}

// A lock also names what only tools for development bring along, so that all rows but two ask for what is declared.
function need(names: readonly string[], { build = [], image = [] }: { build?: readonly string[]; image?: readonly string[] }): SystemNeed {
  const direct = !names.includes('@prisma/client') && !names.includes('fluent-ffmpeg')
  return { ecosystem: 'npm', names, build: build.toSorted(), image: { bookworm: image, trixie: image }, direct }
}

function playwright(name: string, chromium: SystemNeed['image']): SystemNeed {
  return {
    ...need([name], {}),
    image: chromium,
    run: ['env', `PLAYWRIGHT_BROWSERS_PATH=${browsers}`, 'node', `node_modules/${name}/cli.js`, 'install', '--only-shell', 'chromium'],
    env: { PLAYWRIGHT_BROWSERS_PATH: browsers },
  }
}
