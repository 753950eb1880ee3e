import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { systemNeeds, systemPackagesFor, type Distro } from '../../src/plan/system-packages.ts'
import { render } from '../../src/dockerfile/render.ts'
import { ok } from './planning.ts'

// Names that the package lists of Debian 12 and 13 (main, amd64) had on 2026-11-22; debian-names.ts beside this file writes them anew.
const frozen = JSON.parse(readFileSync(new URL('./debian-names.json', import.meta.url), 'utf8')) as Readonly<
  Record<Distro, readonly string[]>
>

const distros: readonly Distro[] = ['bookworm', 'trixie']

test.each(distros)('every package of the table is in Debian %s', (distro) => {
  const names = new Set(frozen[distro])
  expect(names.size).toBeGreaterThan(50)
  const used = systemNeeds.flatMap(({ build, image }) => [...build, ...image[distro]])
  expect(used.filter((name) => !names.has(name))).toEqual([])
})

test('no row is there twice for one package of the same need', () => {
  const rows = systemNeeds.map(({ ecosystem, names, image }) => `${ecosystem} ${names.join(' ')} ${image.bookworm.join(' ')}`)
  expect(new Set(rows).size).toBe(rows.length)
})

function needed(name: string, distro: Distro, extras: readonly string[] = []): string {
  const { build, image } = systemPackagesFor('pypi', new Map([[name, extras]]), distro)
  return `${build.join(' ')} / ${image.join(' ')}`
}

describe('the rows of the reference (2.5)', () => {
  test.each([
    ['psycopg2', 'gcc libc6-dev libpq-dev / libpq5', undefined],
    ['psycopg2-binary', ' / ', undefined],
    ['psycopg', ' / libpq5', undefined],
    ['mysqlclient', 'gcc libc6-dev libmariadb-dev pkg-config / libmariadb3', undefined],
    ['opencv-python', ' / libgl1 libglib2.0-0 libxcb1', ' / libgl1 libglib2.0-0t64 libxcb1'],
    ['opencv-contrib-python', ' / libgl1 libglib2.0-0 libxcb1', ' / libgl1 libglib2.0-0t64 libxcb1'],
    ['opencv-python-headless', ' / ', undefined],
    ['pyodbc', ' / libodbc2', undefined],
    ['pycairo', 'gcc libc6-dev libcairo2-dev pkg-config / libcairo2', undefined],
    ['weasyprint', ' / fonts-dejavu-core libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0', undefined],
    ['pdf2image', ' / poppler-utils', undefined],
    ['pytesseract', ' / tesseract-ocr', undefined],
    ['pydub', ' / ffmpeg', undefined],
    ['openai-whisper', ' / ffmpeg', undefined],
    ['soundfile', ' / ', undefined],
    ['pyaudio', 'gcc libc6-dev portaudio19-dev / libasound2 libportaudio2', 'gcc libc6-dev portaudio19-dev / libasound2t64 libportaudio2'],
    ['sounddevice', ' / libasound2 libportaudio2', ' / libasound2t64 libportaudio2'],
    ['python-magic', ' / libmagic1', ' / libmagic1t64'],
    ['pyzbar', ' / libzbar0', ' / libzbar0t64'],
    [
      'xmlsec',
      'gcc libc6-dev libxmlsec1-dev pkg-config / libxmlsec1-openssl',
      'gcc libc6-dev libxmlsec1-dev pkg-config / libxmlsec1t64-openssl',
    ],
    ['python-ldap', 'gcc libc6-dev libldap2-dev libsasl2-dev / libldap-2.5-0', 'gcc libc6-dev libldap2-dev libsasl2-dev / libldap2'],
    ['gssapi', 'gcc libc6-dev libkrb5-dev / libgssapi-krb5-2', undefined],
    ['gdal', 'g++ libgdal-dev / libgdal32', 'g++ libgdal-dev / libgdal36'],
    ['gitpython', ' / git', undefined],
    ['azure-cognitiveservices-speech', ' / ca-certificates libasound2 libssl3', ' / ca-certificates libasound2t64 libssl3t64'],
    ['lightgbm', ' / libgomp1', undefined],
    ['selenium', ' / chromium chromium-driver fonts-liberation', undefined],
  ])('%s', (name, bookworm, trixie) => {
    expect(needed(name, 'bookworm')).toBe(bookworm)
    expect(needed(name, 'trixie')).toBe(trixie ?? bookworm)
  })
  test('an extra that brings the library needs none', () => {
    expect(needed('psycopg', 'bookworm', ['binary'])).toBe(' / ')
  })
  test('browser-use takes the browser of the distribution: it brings no playwright that could fetch one', async () => {
    const { plan, steps } = await ok({ 'main.py': 'from browser_use import Agent\n' })
    expect(plan.systemPackages).toEqual(['chromium', 'fonts-liberation'])
    expect(steps.filter((step) => step.includes('playwright'))).toEqual([])
    const old = await ok({ 'main.py': 'import browser_use\n', 'requirements.txt': 'browser-use==0.5.11\nplaywright==1.50.0\n' })
    expect(old.steps.join()).toContain('playwright install')
  })
  test('playwright: its libraries, and a browser at a place of its own, before the source', async () => {
    const found = await ok({ 'main.py': 'from playwright.sync_api import sync_playwright\n', 'requirements.txt': 'playwright==1.50.0\n' })
    expect(found.plan.systemPackages).toEqual(expect.arrayContaining(['libnss3', 'libgbm1', 'libasound2']))
    expect(found.plan.env['PLAYWRIGHT_BROWSERS_PATH']).toBe('/opt/playwright')
    expect(found.steps.slice(1)).toEqual([
      'image pip requirements.txt',
      'image run env PLAYWRIGHT_BROWSERS_PATH=/opt/playwright python -m playwright install --only-shell chromium',
      'image copy source:. .',
    ])
  })
  test.each([
    ['fluent-ffmpeg', ' / ffmpeg'],
    ['prisma', 'openssl / openssl'],
    ['puppeteer', ' / chromium chromium-driver fonts-liberation'],
    [
      'canvas',
      'g++ libcairo2-dev libgif-dev libjpeg-dev libpango1.0-dev librsvg2-dev make pkg-config python3 / libcairo2 libgif7 libjpeg62-turbo libpangocairo-1.0-0 librsvg2-2',
    ],
    ['sharp', ' / '],
    ['better-sqlite3', 'g++ make pkg-config python3 / '],
    ['pg-native', 'g++ libpq-dev make pkg-config python3 / libpq5'],
    ['simple-git', ' / git'],
  ])('%s of npm', (name, says) => {
    const { build, image } = systemPackagesFor('npm', new Map([[name, []]]), 'trixie')
    expect(`${build.join(' ')} / ${image.join(' ')}`).toBe(says)
  })
  const npm = (dependencies: object, lock: object = {}): Record<string, string> => ({
    'index.js': 'console.log(1)',
    'package.json': JSON.stringify({ dependencies }),
    'package-lock.json': JSON.stringify({ packages: lock }),
  })
  test('puppeteer uses the browser of the distribution and downloads none', async () => {
    const found = await ok(npm({ puppeteer: '^24' }))
    expect(found.plan.env['PUPPETEER_EXECUTABLE_PATH']).toBe('/usr/bin/chromium')
    expect(render(found.plan, 'classic').text).toContain('ARG PUPPETEER_SKIP_DOWNLOAD=true\n')
  })
  test('playwright of npm fetches its browser after the packages and before the source', async () => {
    const found = await ok(npm({ playwright: '^1' }))
    expect(found.steps.slice(1)).toEqual([
      'image npm package.json package-lock.json',
      'image run env PLAYWRIGHT_BROWSERS_PATH=/opt/playwright node node_modules/playwright/cli.js install --only-shell chromium',
      'image copy source:. .',
    ])
  })
  test('what only a lock has, for a tool of development, needs no browser', async () => {
    const found = await ok(npm({ express: '^5' }, { 'node_modules/playwright': { version: '1.50.0', dev: true } }))
    expect(found.plan.systemPackages).toEqual([])
  })
  test('git in any manifest is needed to install, and not in the image', async () => {
    const found = await ok({ 'main.py': '', 'requirements.txt': 'x @ git+https://github.com/a/x@v1\n' })
    expect(found.steps[0]).toBe('build system ca-certificates git')
    expect(found.plan.systemPackages).toEqual([])
  })
})
