import type { Build } from '../project.ts'
import type { Tree } from '../tree.ts'
import { prismaFiles } from './lifecycle.ts'
import type { PackageJson } from './package-json.ts'

/** A checkout's own files of Plug'n'Play would hide node_modules from the commands of a build. */
export function withoutPnp(tree: Tree, build: Build | undefined): Build | undefined {
  const files = ['.pnp.cjs', '.pnp.loader.mjs', '.pnp.js'].filter((path) => tree.has(path))
  if (!build || files.length === 0) return build
  return { ...build, before: [['rm', '-f', ...files], ...(build.before ?? [])] }
}

/** Prisma's client is code made from the schema: where no script makes it, the build does. */
export function withPrisma(tree: Tree, manifest: PackageJson | undefined, build: Build | undefined): Build | undefined {
  const cli = manifest?.dependencies.find(({ name }) => name === 'prisma')
  if (!manifest || !cli || prismaFiles(tree, manifest).length === 0) return build
  const scripts = ['preinstall', 'install', 'postinstall', 'prepare', 'prebuild', 'build'].map(
    (name) => manifest.text('scripts', name) ?? '',
  )
  const made = scripts.some((text) => /\bprisma generate\b/.test(text))
  const generate = ['node', 'node_modules/prisma/build/index.js', 'generate']
  if (build) return { ...build, ...(made ? {} : { before: [generate, ...(build.before ?? [])] }), inPackages: true }
  if (made) return undefined
  return {
    argv: generate,
    outputs: [],
    inPackages: true,
    evidence: { ...cli.evidence, rule: 'node.build.prisma', says: 'no script makes the client of Prisma' },
  }
}
