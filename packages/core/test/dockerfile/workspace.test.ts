// A member of a workspace, and a front end in a stage of its own, in every dialect.
import { describe, expect, test } from 'vitest'
import { needsOf } from '../../src/dockerfile/needs.ts'
import { parseDockerfile } from '../../src/dockerfile/parse.ts'
import { dialects } from '../../src/dockerfile/recipe.ts'
import { render } from '../../src/dockerfile/render.ts'
import type { Step } from '../../src/plan/plan.ts'
import { pip, planOf, source } from './plans.ts'

const front: readonly Step[] = [
  { in: 'frontend', kind: 'node', manager: 'npm', manifests: ['package.json', 'package-lock.json'], groups: ['default', 'dev'] },
  { in: 'frontend', kind: 'copy', from: 'source', paths: ['.'], to: '.' },
  { in: 'frontend', kind: 'run', argv: ['npm', 'run', 'build'], secrets: [] },
]
const taken: Step = { in: 'image', kind: 'copy', from: 'frontend', paths: ['dist'], to: 'web/dist' }
const frontend = { unit: 'web', workspace: null, runtime: { name: 'node', version: '24' } }
const served = planOf('python', [...front, pip, source, taken], { frontend })

describe.each(dialects)('%s', (dialect) => {
  test('a front end is a stage on its own runtime, copied from its own directory', () => {
    const { text } = render(served, dialect)
    const { stages } = parseDockerfile(text)
    expect(stages.map(({ name, from }) => `${from.ref} ${name}`)).toEqual(['node:24-slim frontend', 'python:3.11-slim undefined'])
    expect(text).toContain('COPY web/package.json web/package-lock.json ./')
    expect(text).toContain('COPY web .')
    expect(text).toMatch(/COPY --from=frontend --chown=1000:1000 \/app\/dist web\/dist/)
    expect(
      needsOf(parseDockerfile(text))
        .map(({ need }) => need)
        .filter((need) => need !== 'buildkit' || dialect !== 'buildkit'),
    ).toEqual([])
  })

  test('a program of a workspace starts in its own directory, of which the image has all that is copied', () => {
    const steps: readonly Step[] = [
      {
        in: 'image',
        kind: 'node',
        manager: 'npm',
        manifests: ['package.json', 'apps/api/package.json'],
        groups: ['default'],
        packages: ['apps/api'],
      },
      { in: 'image', kind: 'copy', from: 'source', paths: ['apps/api'], to: 'apps/api' },
      { in: 'image', kind: 'run', argv: ['node', 'make.js'], secrets: [], directory: 'apps/api' },
    ]
    const { text } = render(
      planOf('node', steps, { unit: 'js/apps/api', workspace: 'js', context: ['js/apps/api', 'js/package.json'] }),
      dialect,
    )
    expect(text).toContain('COPY js/package.json .\nCOPY js/apps/api/package.json apps/api/\n')
    expect(text).toContain('npm install --omit=dev --no-audit --no-fund -w apps/api')
    expect(text).toContain('COPY --chown=1000:1000 js/apps/api apps/api')
    expect(text).toContain('WORKDIR /app/apps/api\nRUN node make.js\n')
    expect(text).toMatch(/\nRUN chown 1000:1000 \/app\/apps \/app\/apps\/api\nWORKDIR \/app\/apps\/api\n\nLABEL/)
  })
})

test('a manager is called where the lock of the unit lies', () => {
  const steps: readonly Step[] = [
    { in: 'image', kind: 'python', manager: 'pip', manifests: ['api/requirements.txt'], groups: ['default'], directory: 'api' },
  ]
  const { text } = render(planOf('python', steps, { unit: 'api', workspace: '.' }), 'classic')
  expect(text).toContain('COPY api/requirements.txt api/\nWORKDIR /app/api\nRUN pip install --no-cache-dir -r requirements.txt\n')
})

test('manifests that came with the source are not copied again', () => {
  const steps: readonly Step[] = [
    { in: 'image', kind: 'copy', from: 'source', paths: ['apps/api'], to: 'apps/api' },
    { in: 'image', kind: 'node', manager: 'npm', manifests: ['package.json', 'apps/api/package.json'], groups: ['default'] },
  ]
  const { text } = render(planOf('node', steps, { unit: 'apps/api', workspace: '.' }), 'kaniko')
  expect(text.match(/COPY .*package\.json.*/g)).toEqual(['COPY package.json .'])
})

test('a stage without its description is refused', () => {
  expect(() => render(planOf('python', [...front, taken]), 'classic')).toThrow(expect.objectContaining({ code: 'invalid_plan' }))
})

test('an image that is called like a stage is the image', () => {
  expect(render(planOf('python', [source], { base: { kind: 'image', ref: 'frontend' } }), 'classic').text).toContain(
    'FROM docker.io/library/frontend',
  )
})
