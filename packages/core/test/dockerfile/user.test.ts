import { describe, expect, test } from 'vitest'
import { needsOf } from '../../src/dockerfile/needs.ts'
import { parseDockerfile } from '../../src/dockerfile/parse.ts'
import { userRecipe } from '../../src/dockerfile/user.ts'
import type { Entry } from '../../src/source/source.ts'

const sourceOf = (files: Record<string, string>, others: readonly Entry[] = []) => ({
  entry: (path: string): Entry | undefined =>
    Object.hasOwn(files, path)
      ? { kind: 'file', path, executable: false, size: files[path]!.length }
      : others.find((each) => each.path === path),
  read: (path: string): Uint8Array => new TextEncoder().encode(files[path]),
})

const needs: readonly [string, string, string[]][] = [
  ['RUN --mount=type=cache,target=/x true', 'RUN --mount=type=cache,target=/x', ['buildkit']],
  ['RUN --mount=target=/x true', 'RUN --mount=target=/x', ['buildkit']],
  ['RUN --mount=type=secret,id=a true', 'RUN --mount=type=secret,id=a', ['buildkit', 'secrets']],
  ['RUN --mount=type=ssh true', 'RUN --mount=type=ssh', ['buildkit', 'ssh']],
  ['RUN --network=none true', 'RUN --network=none', ['buildkit']],
  ['RUN --network=host true', 'RUN --network=host', ['buildkit', 'network']],
  ['RUN --security=insecure true', 'RUN --security=insecure', ['buildkit', 'security']],
  ['RUN <<EOF\ntrue\nEOF', 'RUN <<EOF', ['buildkit', 'heredoc']],
  ['COPY <<a.txt /x/\nhi\na.txt', 'COPY <<a.txt', ['buildkit', 'heredoc']],
  ['COPY --link a b', 'COPY --link', ['buildkit', 'link']],
  ['COPY --chmod=755 a b', 'COPY --chmod=755', ['buildkit']],
  ['COPY --chmod=u+x a b', 'COPY --chmod=u+x', ['buildkit', 'symbolic-chmod']],
  ['ADD --chmod=a=rX a b', 'ADD --chmod=a=rX', ['buildkit', 'symbolic-chmod']],
  ['COPY --chmod=$MODE a b', 'COPY --chmod=$MODE', ['buildkit']],
  ['COPY --exclude=*.md a b', 'COPY --exclude=*.md', ['buildkit', 'exclude']],
  ['COPY --parents a b', 'COPY --parents', ['buildkit', 'parents']],
  ['ADD --checksum=sha256:00 https://x.example/y z', 'ADD --checksum=sha256:00', ['buildkit', 'checksum']],
  ['ADD --keep-git-dir a b', 'ADD --keep-git-dir', ['buildkit', 'keep-git-dir']],
  ['ADD --unpack=false a b', 'ADD --unpack=false', ['buildkit', 'unpack']],
  ['HEALTHCHECK --start-interval=1s CMD true', 'HEALTHCHECK --start-interval=1s', ['buildkit', 'start-interval']],
  ['ONBUILD COPY --parents a b', 'COPY --parents', ['buildkit', 'parents']],
  ['RUN --parents true', 'RUN --parents', ['buildkit']],
  ['ADD https://github.com/a/b.git#main /src', 'ADD of a git repository', ['buildkit']],
  ['ARG TARGETARCH', 'ARG TARGETARCH', ['buildkit']],
  ['ONBUILD RUN --mount=type=ssh true', 'RUN --mount=type=ssh', ['buildkit', 'ssh']],
  ['FROM --platform=$BUILDPLATFORM y', 'FROM $BUILDPLATFORM', ['buildkit']],
]

describe('what a Dockerfile needs, and where', () => {
  test.each(needs)('%s', (line, text, kinds) => {
    const found = needsOf(parseDockerfile(`FROM x\nENV A=b\n${line}\n`))
    expect(found).toEqual(kinds.map((need) => ({ need, line: 3, text })))
  })

  test('classic Dockerfiles need nothing', () => {
    const text =
      'FROM --platform=linux/amd64 x AS a\nRUN echo "--mount=type=cache" $HOME\nCOPY --from=a --chown=1:1 x y\nADD --chown=1:1 https://x.example/y.tar.gz z\nHEALTHCHECK --interval=5s CMD true\n'
    expect(needsOf(parseDockerfile(text))).toEqual([])
  })

  test('a frontend of its own knows here-documents and new flags on any engine', () => {
    const parsed = parseDockerfile('# syntax=docker/dockerfile:1\nFROM x\nRUN <<EOF\ntrue\nEOF\nCOPY --link --parents --exclude=c a b\n')
    expect(needsOf(parsed).map(({ need }) => need)).toEqual(['buildkit', 'buildkit', 'buildkit', 'buildkit'])
  })

  test('stages behind the target do not count', () => {
    const parsed = parseDockerfile('FROM x AS one\nFROM y AS two\nRUN --mount=type=ssh true')
    expect(needsOf(parsed, 'one')).toEqual([])
    expect(needsOf(parsed, '1')).toHaveLength(2)
  })
})

describe('the recipe', () => {
  const source = sourceOf(
    { Dockerfile: 'FROM x AS base\nRUN true\n', 'docker/Dockerfile.gpu': '\uFEFFFROM x\nRUN --mount=type=cache,target=/c true\n' },
    [
      { kind: 'link', path: 'linked', target: '../secret' },
      { kind: 'directory', path: 'docker' },
    ],
  )

  test('is classic where that is enough', () => {
    expect(userRecipe(source, './Dockerfile', { target: 'BASE' }).recipe).toEqual({
      kind: 'dockerfile',
      dialect: 'classic',
      text: 'FROM x AS base\nRUN true\n',
      path: 'Dockerfile',
      added: {},
      target: 'BASE',
      needs: [],
    })
  })

  test('says what it needs, and where', () => {
    const { recipe, needs: lines } = userRecipe(source, 'docker/Dockerfile.gpu')
    expect(recipe).toMatchObject({ dialect: 'buildkit', needs: ['buildkit'], path: 'docker/Dockerfile.gpu' })
    expect(lines).toEqual([{ need: 'buildkit', line: 2, text: 'RUN --mount=type=cache,target=/c' }])
  })

  test.each([
    '../../etc/passwd',
    '/etc/passwd',
    'docker/../Dockerfile',
    'docker',
    'docker/',
    'linked',
    '-',
    'http://x/Dockerfile',
    'dockerfile',
    '',
    '.',
    'a\0',
  ])('does not read %j', (path) => {
    expect(() => userRecipe(source, path)).toThrow(expect.objectContaining({ code: 'dockerfile_not_found' }))
  })

  test('an unknown target is told with those there are', () => {
    expect(() => userRecipe(source, 'Dockerfile', { target: 'final' })).toThrow(
      expect.objectContaining({ code: 'invalid_argument', hint: 'Its stages are base.' }),
    )
  })

  test.each([
    'evil/frontend',
    'docker/dockerfile.evil:1',
    'docker.io.evil.com/docker/dockerfile',
    'docker/dockerfile-upstream:master',
    'docker/dockerfile:1 extra',
  ])('does not let %s read the Dockerfile', (syntax) => {
    for (const comment of ['#', '# ', '# first=1\n#\t'])
      expect(() => userRecipe(sourceOf({ D: `${comment}syntax=${syntax}\nFROM x\n` }), 'D')).toThrow(
        expect.objectContaining({
          code: 'frontend_not_allowed',
          data: expect.objectContaining({ line: comment.split('\n').length }) as unknown,
        }),
      )
  })

  test.each([
    'docker/dockerfile:1',
    'docker/dockerfile:1.7-labs',
    'docker.io/docker/dockerfile:1',
    `docker/dockerfile:1@sha256:${'0'.repeat(64)}`,
  ])('lets %s', (syntax) => {
    expect(userRecipe(sourceOf({ D: `# syntax=${syntax}\nFROM x\n` }), 'D').recipe.dialect).toBe('classic')
  })
})
