import { describe, expect, test } from 'vitest'
import { parseDockerfile } from '../../src/dockerfile/parse.ts'
import { needsOf } from '../../src/dockerfile/needs.ts'
import { dialects } from '../../src/dockerfile/recipe.ts'
import { dockerfileName, render } from '../../src/dockerfile/render.ts'
import type { Step } from '../../src/plan/plan.ts'
import { planOf, pip, seed, source } from './plans.ts'

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))

describe("the seed's example", () => {
  const text = render(seed, 'classic').text

  test('holds the instructions of the seed, in its order, in one stage', () => {
    const wanted = [
      'FROM python:3.11-slim',
      'WORKDIR /app',
      'COPY requirements.txt .',
      'RUN pip install --no-cache-dir -r requirements.txt',
      'COPY . .',
      'EXPOSE 8080',
      'CMD ["python", "agent.py"]',
    ]
    expect(lines(text).filter((line) => wanted.includes(line))).toEqual(wanted)
    expect(parseDockerfile(text).stages).toHaveLength(1)
  })

  test('starts as a user who is not root, and gets signals', () => {
    expect(lines(text)).toContain('USER 1000:1000')
    expect(lines(text)).toContain('ENTRYPOINT ["timeout", "--foreground", "0"]')
  })

  test('keeps variables behind the dependencies, so that a new value does not install them again', () => {
    expect(text.indexOf('ENV PORT=8080')).toBeGreaterThan(text.indexOf('RUN pip install'))
    expect(text.indexOf('ENV PORT=8080')).toBeLessThan(text.indexOf('COPY . .'))
  })
})

describe('dialects', () => {
  const plan = planOf('python', [{ in: 'image', kind: 'system', packages: ['libpq5'] }, pip, source])

  test.each(dialects)('%s asks for nothing that the dialect lacks', (dialect) => {
    const needs = needsOf(parseDockerfile(render(plan, dialect).text))
    expect(needs.map(({ need }) => need)).toEqual(dialect === 'buildkit' ? ['buildkit', 'buildkit', 'buildkit'] : [])
    expect(render(plan, dialect).text).not.toMatch(/<<|--link|# syntax/)
  })

  test('caches are mounted for BuildKit, with ids, apt and pip for one build at a time', () => {
    const { text } = render(plan, 'buildkit')
    expect(text).toContain(
      'RUN --mount=type=cache,id=kiln-pip,target=/root/.cache/pip,sharing=locked \\\n    pip install -r requirements.txt',
    )
    expect(text).toMatch(/--mount=type=cache,id=kiln-apt-lists,target=\/var\/lib\/apt\/lists,sharing=locked/)
  })

  test('nothing of a cache stays in a layer elsewhere', () => {
    const { text } = render(plan, 'kaniko')
    expect(text).toContain('RUN pip install --no-cache-dir -r requirements.txt')
    expect(text).toContain('apt-get install --yes --no-install-recommends libpq5 && rm -rf /var/lib/apt/lists')
  })

  test('a secret is a mount, and refused where it would stay in a layer', () => {
    const step = { in: 'image', kind: 'run', argv: ['python', 'fetch.py'], secrets: ['token'] } as const
    const secret = planOf('python', [source, step])
    expect(render(secret, 'buildkit')).toMatchObject({ needs: ['secrets'] })
    expect(render(secret, 'buildkit').text).toContain('RUN --mount=type=secret,id=token,required=true \\\n    python fetch.py')
    expect(() => render(secret, 'classic')).toThrow(expect.objectContaining({ code: 'dockerfile_needs_buildkit' }))
  })
})

describe('uv in place of pip', () => {
  const by: Step = { in: 'image', kind: 'python', manager: 'pip', installer: 'uv', manifests: ['requirements.txt'], groups: ['default'] }
  const plan = planOf('python', [by, source], { toolchains: [{ name: 'uv', version: '0.13' }] })

  test('installs to where pip does, and is gone in the same layer', () => {
    const { text } = render(plan, 'classic')
    expect(text).toContain(
      'RUN pip install --no-cache-dir --target /tmp/uv uv~=0.13.0 \\\n && /usr/bin/env TMPDIR=/tmp/uv /tmp/uv/bin/uv pip install --no-cache --system --compile-bytecode -r requirements.txt \\\n && rm -rf /tmp/uv\n',
    )
    expect(lines(text)).toEqual(expect.arrayContaining(['ARG UV_PYTHON_DOWNLOADS=never', 'ARG UV_LINK_MODE=copy']))
  })

  test('keeps the caches of both where the builder can', () => {
    const { text } = render(plan, 'buildkit')
    expect(text).toContain('--mount=type=cache,id=kiln-uv,target=/root/.cache/uv,sharing=shared')
    expect(text).toContain('--mount=type=cache,id=kiln-pip,target=/root/.cache/pip,sharing=locked')
    expect(text).not.toContain('--no-cache')
  })

  test('of the version that the plan names, and into what another manager made', () => {
    const exact = render({ ...plan, toolchains: [{ name: 'uv', version: '0.13.9' }] }, 'kaniko').text
    expect(exact).toContain('--target /tmp/uv uv==0.13.9 ')
    const poetry: Step = { in: 'image', kind: 'python', manager: 'poetry', manifests: ['pyproject.toml'], groups: ['default'] }
    const after = render(planOf('python', [poetry, by, source]), 'classic').text
    expect(after).toContain('/tmp/uv/bin/uv pip install --no-cache --python /opt/venv --compile-bytecode -r requirements.txt')
  })
})

describe('stages', () => {
  const uv = planOf('python', [
    { in: 'build', kind: 'python', manager: 'uv', manifests: ['pyproject.toml', 'uv.lock'], groups: ['default', 'worker'] },
    { in: 'build', kind: 'write', path: 'requirements.kiln.txt', text: 'uvicorn\n' },
    { in: 'build', kind: 'python', manager: 'pip', manifests: ['requirements.kiln.txt'], groups: ['default'] },
    { in: 'image', kind: 'copy', from: 'build', paths: ['/opt/venv'], to: '/opt/venv' },
    source,
  ])

  test('what is built reaches the image only by a copy; the tools do not', () => {
    const { text, added } = render(uv, 'classic')
    const [build, image] = text.split(/^(?=FROM )/m).slice(1)
    expect(build).toContain('RUN uv sync --no-cache --frozen --no-install-project --compile-bytecode --no-dev --group worker')
    expect(build).toContain('RUN pip --python /opt/venv install --no-cache-dir -r requirements.kiln.txt')
    expect(image).not.toContain('uv sync')
    expect(image).toContain('COPY --from=build /opt/venv /opt/venv')
    expect(image).toContain('ENV PATH="/opt/venv/bin:$PATH"')
    expect(image).toContain('COPY --chown=1000:1000 . .')
    expect(added['requirements.kiln.txt']).toBe('uvicorn\n')
  })

  test('dependencies that need the source come after it, and copy no manifest by itself', () => {
    const text = render(planOf('python', [source, pip]), 'classic').text
    expect(text.indexOf('COPY . .')).toBeLessThan(text.indexOf('RUN pip install'))
    expect(text).not.toContain('COPY requirements.txt')
  })

  test('several outputs land beside each other under their own names', () => {
    const copy = { in: 'image', kind: 'copy', from: 'build', paths: ['dist', 'a/public'], to: '.' } as const
    const text = render(planOf('node', [{ in: 'build', kind: 'run', argv: ['npm', 'run', 'build'], secrets: [] }, copy]), 'classic').text
    expect(text).toContain('COPY --from=build --chown=1000:1000 /app/dist ./dist')
    expect(text).toContain('COPY --from=build --chown=1000:1000 /app/a/public ./public')
  })
})

describe('bases', () => {
  test.each([
    ['python', '3.11', 'bookworm', 'python:3.11-slim'],
    ['python', '3.11.4', 'bookworm', 'python:3.11.4-slim'],
    ['python', '3.13', 'trixie', 'python:3.13-slim-trixie'],
    ['node', '24', 'bookworm', 'node:24-slim'],
    ['node', '24', 'trixie', 'node:24-trixie-slim'],
  ] as const)('%s %s on %s is %s', (name, version, distro, ref) => {
    const text = render(planOf(name, [source], { runtime: { name, version }, base: { kind: 'runtime', distro } }), 'classic').text
    expect(text).toContain(`FROM ${ref}\n`)
  })

  test.each([
    ['2026.11', 'bookworm', 'python:3.13-slim', 'golang:1.27-bookworm'],
    ['2026.11', 'trixie', 'python:3.13-slim-trixie', 'golang:1.27-bookworm'],
    ['2027.05', 'bookworm', 'python:3.13-slim-bookworm', 'golang:1.27-trixie'],
    ['2027.05', 'trixie', 'python:3.13-slim', 'golang:1.27-trixie'],
    ['2031.05', 'bookworm', 'python:3.13-slim', 'golang:1.27-bookworm'],
  ] as const)(
    'the usual tag, and the builder of an image of its own, are those of the edition: %s on %s',
    (edition, distro, python, go) => {
      const base = { kind: 'runtime', distro } as const
      const plain = planOf('python', [source], { edition, runtime: { name: 'python', version: '3.13' }, base })
      expect(render(plain, 'classic').text).toContain(`FROM ${python}\n`)
      const compiled = planOf('python', [{ ...source, in: 'build' }], {
        edition,
        runtime: { name: 'go', version: '1.27' },
        base: { kind: 'image', ref: 'x' },
      })
      expect(render(compiled, 'classic').text).toContain(`FROM ${go} AS build\n`)
    },
  )

  test('an image of the user is trusted with little: root for the build, no init, a home that can be written', () => {
    const text = render(planOf('python', [source], { base: { kind: 'image', ref: 'ghcr.io/acme/base:1' } }), 'classic').text
    expect(lines(text).slice(0, 3)).toEqual(['FROM ghcr.io/acme/base:1', 'USER 0:0', 'WORKDIR /app'])
    expect(text).toContain('ENTRYPOINT []')
    expect(text).toContain('ENV HOME=/app')
    expect(text).not.toContain('useradd')
  })

  test('an image called like our stage is not taken for it', () => {
    const steps = [{ in: 'build', kind: 'run', argv: ['python', 'x.py'], secrets: [] } as const, source]
    const text = render(planOf('python', steps, { base: { kind: 'image', ref: 'build' } }), 'classic').text
    expect(parseDockerfile(text).stages[1]!.from).toEqual({ text: 'docker.io/library/build', ref: 'docker.io/library/build' })
  })

  test('an embedder can point to bases of his own', () => {
    const bases = { python: { references: { bookworm: 'mirror.example/python:{version}' }, user: 'create' } } as const
    expect(render(seed, 'classic', { bases }).text).toContain('FROM mirror.example/python:3.11\n')
  })
})

describe('files beside the source', () => {
  test('.dockerignore names itself and the Dockerfile, so that neither enters the image', () => {
    expect(render(seed, 'classic').added).toEqual({ '.dockerignore': `.dockerignore\n${dockerfileName}\n` })
  })

  test('generated files are copied by name', () => {
    const plan = planOf('python', [{ in: 'image', kind: 'write', path: 'requirements.txt', text: 'requests\n' }, pip, source])
    const recipe = render(plan, 'classic')
    expect(recipe.added['requirements.txt']).toBe('requests\n')
    expect(lines(recipe.text).filter((line) => line === 'COPY requirements.txt .')).toHaveLength(1)
    expect(recipe.text).toContain('requirements.txt is generated by Kiln')
  })

  test.each(['.dockerignore', 'Dockerfile.kiln', '../x', '/etc/passwd', './a/../..'])('refuses to write %s', (path) => {
    const plan = planOf('python', [{ in: 'image', kind: 'write', path, text: 'x' }])
    expect(() => render(plan, 'classic')).toThrow(expect.objectContaining({ code: 'invalid_plan' }))
  })

  test('a file may be called __proto__', () => {
    const { added } = render(planOf('python', [{ in: 'image', kind: 'write', path: '__proto__', text: 'x' }]), 'classic')
    expect(Object.entries(added)).toContainEqual(['__proto__', 'x'])
  })
})

test('the start is an argv with the defaults put in', () => {
  const plan = planOf('python', [source], {
    start: ['python', '-m', 'uvicorn', 'app:app', '--port', { env: 'PORT', default: '8000' }],
    port: 8000,
  })
  expect(render(plan, 'classic').text).toContain('CMD ["python", "-m", "uvicorn", "app:app", "--port", "8000"]')
})

test('a worker exposes no port', () => {
  expect(render({ ...seed, port: null }, 'classic').text).not.toContain('EXPOSE')
})
