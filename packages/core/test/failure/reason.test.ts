import { describe, expect, test } from 'vitest'
import type { StepFacts } from '../../src/driver/driver.ts'
import type { Recipe } from '../../src/dockerfile/recipe.ts'
import type { Missing } from '../../src/failure/missing.ts'
import { reasonOf } from '../../src/failure/reason.ts'

const recipe = (text: string): Recipe => ({ kind: 'dockerfile', dialect: 'classic', text, added: {}, needs: [] })
const fails = (run: string, tail: string, facts: Partial<StepFacts> = {}) =>
  reasonOf(
    { title: `Step 3/9 : RUN ${run}`, exitCode: 1, message: `The command '/bin/sh -c ${run}' returned a non-zero code: 1`, ...facts },
    tail.split('\n'),
    { recipe: recipe(`FROM python:3.11-slim\nWORKDIR /app\nRUN ${run}\n`) },
  )
const pipInstall = 'pip install --no-cache-dir -r requirements.txt'
const uvInstall =
  'pip install --no-cache-dir --target /tmp/uv uv~=0.13.0 && /usr/bin/env TMPDIR=/tmp/uv /tmp/uv/bin/uv pip install --no-cache --system --compile-bytecode -r requirements.txt && rm -rf /tmp/uv'

test("a failure in a user's own Dockerfile names its path", () => {
  const own = { ...recipe('FROM x\nRUN false\n'), path: 'docker/Dockerfile.gpu' } as Recipe
  const facts = { line: 2, exitCode: 1, message: "The command '/bin/sh -c false' returned a non-zero code: 1" }
  expect(reasonOf(facts, [], { recipe: own }).data).toMatchObject({ file: 'docker/Dockerfile.gpu', line: 2 })
  expect(fails('false', '').data).not.toHaveProperty('file')
})

describe('what a bundler cannot find', () => {
  test('fonts that Next fetches while building are a matter of the network', () => {
    const tail = `> Build error occurred
Error: Turbopack build failed with 1 errors:
[next]/internal/font/google/inter_7b064e0d.module.css
next/font: error:
Failed to fetch \`Inter\` from Google Fonts.
Module not found: Can't resolve '@vercel/turbopack-next/internal/font/google/font'`
    const failure = fails('pnpm run build', tail)
    expect(failure.message).toBe('pnpm run failed: fonts.googleapis.com cannot be reached from inside the build')
    expect(failure).toMatchObject({ retryable: true })
    expect(failure.data).not.toHaveProperty('missing')
  })
  test.each([
    ["Module not found: Can't resolve '@/redirects/redirects.json'", '@/redirects/redirects.json', undefined],
    ["Module not found: Can't resolve 'zod/v4'", 'zod/v4', 'zod'],
    ["Module not found: Error: Can't resolve '@scope/lib' in '/app/src'", '@scope/lib', '@scope/lib'],
  ])('%s', (line, name, added) => {
    const failure = fails('npm run build', `Error: Turbopack build failed with 1 errors:\n./app/route.ts:2:1\n${line}`)
    expect(failure.message).toBe(`npm run failed: cannot find the module ${name}`)
    expect((failure.data as { missing?: Missing }).missing).toEqual(added && { kind: 'module', ecosystem: 'npm', name: added })
  })
})

test('the form of the seed, with everything known beside it', () => {
  const failure = fails(
    pipInstall,
    `Collecting requests
\u001B[91mERROR: Could not find a version that satisfies the requirement nonexistent-package (from versions: none)
\u001B[0m\u001B[91mERROR: No matching distribution found for nonexistent-package
\u001B[0m
[notice] A new release of pip is available: 24.0 -> 26.1`,
  )
  expect(failure).toMatchObject({
    code: 'step_failed',
    message: 'pip install failed: no matching distribution found for nonexistent-package',
    retryable: false,
    data: {
      tool: 'pip',
      verb: 'install',
      reason: 'no matching distribution found for nonexistent-package',
      step: `Step 3/9 : RUN ${pipInstall}`,
      instruction: `RUN ${pipInstall}`,
      line: 3,
      exitCode: 1,
    },
  })
  expect(failure.data.logTail).toContain('ERROR: No matching distribution found for nonexistent-package')
})

const steps: readonly {
  run?: string
  log: string
  says: string
  code?: string
  missing?: Missing
  exitCode?: number
  retryable?: boolean
}[] = [
  {
    log: 'ERROR: Could not find a version that satisfies the requirement numpy==99 (from versions: 1.0)',
    says: 'pip install failed: no matching distribution found for numpy==99',
  },
  {
    log: "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError('<x>: Failed to establish a new connection: [Errno -3]')': /simple/a/\nERROR: No matching distribution found for a",
    says: 'pip install failed: the package index cannot be reached from inside the build',
    retryable: true,
  },
  {
    log: 'ERROR: Cannot install a==1 and b==2 because these package versions have conflicting dependencies.\nERROR: ResolutionImpossible: for help visit https://pip.pypa.io/',
    says: 'pip install failed: the versions asked for exclude each other: a==1 and b==2',
  },
  {
    log: 'error: externally-managed-environment\n\n× This environment is externally managed\nhint: See PEP 668',
    says: 'pip install failed: this Python is managed by the distribution',
  },
  {
    log: '      Error: pg_config executable not found.\n      [end of output]\n  note: This error originates from a subprocess\nerror: subprocess-exited-with-error',
    says: 'pip install failed: pg_config (PostgreSQL) is missing, which a package needs to be built from source',
    missing: { kind: 'tool', name: 'pg_config' },
  },
  {
    log: "      foo.c:1:10: fatal error: Python.h: No such file or directory\n      error: command '/usr/bin/gcc' failed with exit code 1\nERROR: Failed building wheel for foo",
    says: 'pip install failed: Python.h is missing, which a package needs to be built from source',
    missing: { kind: 'header', name: 'Python.h' },
  },
  {
    log: 'x.c:3:10: fatal error: weird/thing.h: No such file or directory',
    says: 'pip install failed: the header weird/thing.h is missing',
    missing: { kind: 'header', name: 'weird/thing.h' },
  },
  {
    log: "      error: command 'gcc' failed: No such file or directory\n  ERROR: Failed building wheel for netifaces\nERROR: Could not build wheels for netifaces, which is required to install pyproject.toml-based projects",
    says: 'pip install failed: the compiler gcc is missing, which a package needs to be built from source',
    missing: { kind: 'tool', name: 'gcc' },
  },
  { log: 'ERROR: Failed building wheel for oddity', says: 'pip install failed: oddity could not be built from source' },
  {
    log: "ERROR: Package 'x' requires a different Python: 3.11.4 not in '>=3.12'",
    says: 'pip install failed: a package wants Python >=3.12, this is 3.11.4',
    missing: { kind: 'runtime', runtime: 'python', range: '>=3.12' },
  },
  {
    log: 'ERROR: Ignored the following versions that require a different python version: 0.2.1 Requires-Python >=3.13; 0.2.2 Requires-Python >=3.13,<4\nERROR: Could not find a version that satisfies the requirement audioop-lts==0.2.1 (from versions: none)\nERROR: No matching distribution found for audioop-lts==0.2.1',
    says: 'pip install failed: no matching distribution found for audioop-lts==0.2.1',
    missing: { kind: 'runtime', runtime: 'python', range: '>=3.13' },
  },
  {
    log: "      error: command 'gcc' failed with exit status 1\n  ERROR: Failed building wheel for odd",
    says: 'pip install failed: odd could not be built from source',
  },
  {
    run: 'npm ci',
    log: 'npm error code EBADENGINE\nnpm error engine Unsupported engine\nnpm error notsup Not compatible with your version of node/npm: a@1.0.0\nnpm error notsup Required: {"node":">=22"}\nnpm error notsup Actual:   {"npm":"10.8.2","node":"v20.1.0"}',
    says: 'npm ci failed: a package does not allow this version of Node',
    missing: { kind: 'runtime', runtime: 'node', range: '>=22' },
  },
  {
    run: 'python -c "import cv2"',
    log: 'Traceback (most recent call last):\n  File "<string>", line 1, in <module>\nImportError: libGL.so.1: cannot open shared object file: No such file or directory',
    says: 'python failed: the library libGL.so.1 is missing',
    missing: { kind: 'library', name: 'libGL.so.1' },
  },
  {
    log: "ERROR: Could not open requirements file: [Errno 2] No such file or directory: 'base.txt'",
    says: 'pip install failed: base.txt is not there',
  },
  {
    run: 'uv sync --frozen',
    log: '  × No solution found when resolving dependencies:\n  ╰─▶ Because a was not found in the package registry and you require a, we can\n      conclude that your requirements are unsatisfiable.',
    says: 'uv sync failed: no matching distribution found for a',
  },
  {
    run: 'uv sync --locked',
    log: 'error: The lockfile at `uv.lock` needs to be updated, but `--locked` was provided.',
    says: 'uv sync failed: uv.lock does not fit pyproject.toml',
  },
  {
    run: 'python -m venv /opt/venv && poetry install --only main',
    log: 'pyproject.toml changed significantly since poetry.lock was last generated. Run `poetry lock` to fix the lock file.',
    says: 'poetry install failed: poetry.lock does not fit pyproject.toml',
  },
  {
    run: 'npm ci --omit=dev && rm -rf /root/.npm',
    log: "npm error code E404\nnpm error 404 Not Found - GET https://registry.npmjs.org/nosuchpkg - Not found\nnpm error 404\nnpm error 404  'nosuchpkg@^1.0.0' is not in this registry.\nnpm error A complete log of this run can be found in: /root/.npm/_logs/x.log",
    says: 'npm ci failed: there is no package nosuchpkg@^1.0.0 in the registry',
  },
  {
    run: 'npm install',
    log: 'npm ERR! code ETARGET\nnpm ERR! notarget No matching version found for left-pad@99.0.0.',
    says: 'npm install failed: no matching version found for left-pad@99.0.0',
  },
  {
    run: 'npm install',
    log: 'npm error code ERESOLVE\nnpm error ERESOLVE unable to resolve dependency tree\nnpm error While resolving: app@1.0.0\nnpm error Could not resolve dependency:\nnpm error peer react@"^17" from widget@1.0.0',
    says: 'npm install failed: the versions asked for exclude each other: peer react@"^17" from widget@1.0.0',
  },
  {
    run: 'npm ci',
    log: 'npm error code EUSAGE\nnpm error\nnpm error `npm ci` can only install packages when your package.json and package-lock.json are in sync.\nnpm error Missing: express@4.1.0 from lock file\nnpm error',
    says: 'npm ci failed: package-lock.json does not fit package.json: express@4.1.0 from lock file',
  },
  {
    run: 'npm ci',
    log: 'npm error code EUSAGE\nnpm error The `npm ci` command can only install with an existing package-lock.json or\nnpm error npm-shrinkwrap.json with lockfileVersion >= 1.',
    says: 'npm ci failed: there is no package-lock.json',
  },
  {
    run: 'npm install',
    log: "npm error code ENOENT\nnpm error syscall open\nnpm error path /app/package.json\nnpm error enoent Could not read package.json: Error: ENOENT: no such file or directory, open '/app/package.json'",
    says: 'npm install failed: there is no package.json',
  },
  { run: 'npm run build', log: 'npm error Missing script: "build"', says: 'npm run failed: package.json has no script "build"' },
  {
    run: 'npm install --global pnpm@10 && pnpm install --frozen-lockfile',
    log: ' ERR_PNPM_OUTDATED_LOCKFILE  Cannot install with "frozen-lockfile" because pnpm-lock.yaml is not up to date with <ROOT>/package.json',
    says: 'pnpm install failed: pnpm-lock.yaml does not fit package.json',
  },
  {
    run: 'pnpm install',
    log: ' ERR_PNPM_NO_MATCHING_VERSION  No matching version found for express@99 while fetching it from https://registry.npmjs.org/',
    says: 'pnpm install failed: no matching version found for express@99',
  },
  { run: 'pnpm install', log: ' ERR_PNPM_SOMETHING_NEW  It went wrong', says: 'pnpm install failed: It went wrong' },
  {
    run: 'yarn install --immutable',
    log: '➤ YN0028: │ The lockfile would have been modified by this install, which is explicitly forbidden.\n➤ YN0000: · Failed with errors',
    says: 'yarn install failed: yarn.lock does not fit package.json',
  },
  {
    run: 'npm run build',
    log: "src/a.ts(3,7): error TS2322: Type 'string' is not assignable to type 'number'.\nsrc/b.ts(9,1): error TS2304: Cannot find name 'x'.\nnpm error code 2",
    says: "tsc failed: src/a.ts(3,7): error TS2322: Type 'string' is not assignable to type 'number'.",
  },
  {
    run: 'apt-get update && apt-get install --yes nosuch',
    log: 'E: Unable to locate package nosuch',
    exitCode: 100,
    says: 'apt-get install failed: there is no package nosuch in this distribution',
    missing: { kind: 'system-package', name: 'nosuch' },
  },
  {
    run: 'make all',
    log: '/bin/sh: 1: make: not found',
    exitCode: 127,
    says: 'make failed: make is not there',
    missing: { kind: 'tool', name: 'make' },
  },
  {
    run: 'weird',
    log: '/bin/sh: weird: command not found',
    exitCode: 127,
    says: 'weird failed: weird is not there',
    missing: { kind: 'tool', name: 'weird' },
  },
  {
    run: 'npm ci',
    log: 'npm error code ENOSPC\nnpm error nospc There appears to be insufficient space: ENOSPC: no space left on device, write',
    code: 'disk_full',
    says: 'no space left on the disk of the builder',
  },
  {
    run: 'python train.py',
    log: 'loading\nKilled',
    exitCode: 137,
    code: 'out_of_memory',
    says: 'python train.py failed: killed for want of memory',
  },
  {
    run: 'python train.py',
    log: 'loading',
    exitCode: 137,
    code: 'out_of_memory',
    says: 'python train.py failed: killed for want of memory',
  },
  { run: 'python sad.py', log: 'Killed\nby a joke', exitCode: 3, says: 'RUN failed with exit code 3' },
  {
    run: 'npm run build',
    log: 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\nAborted',
    exitCode: 134,
    code: 'out_of_memory',
    says: 'npm run failed: the JavaScript heap is out of memory',
  },
  {
    run: 'python -c import main',
    log: "ModuleNotFoundError: No module named 'yaml.loader'",
    says: "python failed: ModuleNotFoundError: No module named 'yaml.loader'",
    missing: { kind: 'module', ecosystem: 'pypi', name: 'yaml.loader' },
  },
  {
    run: 'python manage.py collectstatic',
    log: 'Traceback (most recent call last):\n  File "/app/manage.py", line 3, in <module>\n    import django\nModuleNotFoundError: No module named \'django\'',
    says: "python manage.py failed: ModuleNotFoundError: No module named 'django'",
    missing: { kind: 'module', ecosystem: 'pypi', name: 'django' },
  },
  {
    log: "      ModuleNotFoundError: No module named 'numpy'\nERROR: Failed to build 'x'\n  ERROR: Failed building wheel for x",
    says: 'pip install failed: x could not be built from source',
  },
  {
    run: 'curl -f https://x.example',
    log: 'curl: (6) Could not resolve host: x.example',
    says: 'curl failed: x.example cannot be reached from inside the build',
    retryable: true,
  },
  {
    run: 'sh build.sh',
    log: 'step one\nerror: the widget is upside down\n\n[notice] something else',
    says: 'sh failed: the widget is upside down',
  },
  { run: 'true', log: '', says: 'RUN failed with exit code 1' },
  { run: 'echo one && false', log: 'one', says: 'RUN failed with exit code 1' },
  { run: 'make one; make two', log: 'error: no rule for two', says: 'RUN failed: no rule for two' },
  {
    run: 'npm install',
    log: "npm error code E404\nnpm error 404 Not Found - GET https://registry.npmjs.org/nosuchpkg\nnpm error 404\nnpm error 404  The requested resource 'nosuchpkg@1' could not be found or you do not have permission to access it.",
    says: 'npm install failed: there is no package nosuchpkg@1 in the registry',
  },
  {
    run: 'uv sync',
    log: 'error: No solution found when resolving dependencies\n  cause: Because a was not found in the package registry, we can conclude that it is unsatisfiable.',
    says: 'uv sync failed: no solution: Because a was not found in the package registry, we can conclude that it is unsatisfiable.',
  },
]

// as uv 0.13.9 prints it where no terminal is
const unsolved = 'Using Python 3.11.2 environment at: /usr/local\nerror: No solution found when resolving dependencies\n  cause: '
const end = 'we can conclude that your requirements are unsatisfiable.'
const uvSays: readonly { readonly log: string; readonly says: string; readonly missing?: Missing; readonly retryable?: boolean }[] = [
  {
    log: `${unsolved}Because nonexistent-package was not found in the package registry and you require nonexistent-package, ${end}`,
    says: 'no matching distribution found for nonexistent-package',
  },
  {
    log: `${unsolved}Because there is no version of requests==99.0 and you require requests==99.0, ${end}`,
    says: 'no matching distribution found for requests==99.0',
  },
  {
    log: `${unsolved}Because only requests<=2.34.2 is available and you require requests>=99,<100, ${end}`,
    says: 'no matching distribution found for requests>=99,<100',
  },
  {
    log: `${unsolved}Because only the following versions of requests are available:\n             requests<=2.31.0\n             requests>2.31.9\n         and you require requests>2.31.0,<2.31.9, ${end}`,
    says: 'no matching distribution found for requests>2.31.0,<2.31.9',
  },
  {
    log: `${unsolved}Because torch==1.7.0 has no wheels with a matching Python ABI tag (e.g., \`cp311\`) and you require torch==1.7.0, ${end}\n\nhint: You require CPython 3.11 (\`cp311\`), but we only found wheels for \`torch\` (v1.7.0) with the following Python ABI tags: \`cp36m\`, \`cp37m\`, \`cp38\`, \`cp38m\``,
    says: 'no matching distribution found for torch==1.7.0',
  },
  {
    log: `${unsolved}Because the current Python version (3.11.2) does not satisfy Python>=3.12 and numpy>=2.5.0 depends on Python>=3.12, we can conclude that numpy>=2.5.0 cannot be used.\n         And because you require numpy>=2.5, ${end}`,
    says: 'no matching distribution found for numpy>=2.5',
    missing: { kind: 'runtime', runtime: 'python', range: '>=3.12' },
  },
  {
    log: `${unsolved}Because requests==2.31.0 depends on urllib3>=1.21.1,<3 and you require requests==2.31.0, we can conclude that you require urllib3>=1.21.1,<3.\n         And because you require urllib3==0.9, ${end}`,
    says: 'the versions asked for exclude each other: requests==2.31.0 and urllib3==0.9',
  },
  {
    log: `${unsolved}Because you require requests==2.31.0 and requests==2.30.0, ${end}`,
    says: 'the versions asked for exclude each other: requests==2.31.0 and requests==2.30.0',
  },
  {
    log: 'Resolved 1 package in 118ms\nerror: Failed to download `six==1.16.0`\n  cause: Hash mismatch for `six==1.16.0`\n\n         Expected:\n           sha256:0000000000000000000000000000000000000000000000000000000000000000\n\n         Computed:\n           sha256:8abb2f1d86890a2dfb989f9a77cfcfd3e47c2a354b01111771326f8aa26e0254',
    says: 'a package does not have the hash of the requirements file',
  },
  {
    log: "error: Couldn't parse requirement in `r.txt` at position 0\n  cause: Operator >= cannot be used with a wildcard version specifier\n         requests>=2.0.*\n                 ^^^^^^^",
    says: 'invalid requirement requests>=2.0.*',
  },
  {
    log: 'error: Error parsing included file in `r.txt` at position 0\n  cause: failed to read from file `/app/other.txt`: No such file or directory (os error 2)',
    says: 'other.txt is not there',
  },
  { log: 'error: File not found: nosuch.txt', says: 'nosuch.txt is not there' },
  {
    log: 'error: Request failed after 3 retries in 10.7s\n  cause: Failed to fetch: http://127.0.0.1:9/simple/six/\n  cause: error sending request for url (http://127.0.0.1:9/simple/six/)\n  cause: client error (Connect)\n  cause: tcp connect error\n  cause: Connection refused (os error 111)',
    says: 'the package index cannot be reached from inside the build',
    retryable: true,
  },
  {
    log: 'error: Request failed after 3 retries in 11.7s\n  cause: Failed to fetch: https://nosuchhost.invalid/simple/six/\n  cause: error sending request for url (https://nosuchhost.invalid/simple/six/)\n  cause: client error (Connect)\n  cause: dns error\n  cause: error resolving DNS\n  cause: failed to lookup address information: Name or service not known',
    says: 'the package index cannot be reached from inside the build',
    retryable: true,
  },
  {
    log: 'error: Failed to download and build `six @ https://files.pythonhosted.org/nosuch/six-1.0.tar.gz`\n  cause: Failed to fetch: https://files.pythonhosted.org/nosuch/six-1.0.tar.gz\n  cause: HTTP status client error (404 Not Found) for url (https://files.pythonhosted.org/nosuch/six-1.0.tar.gz)',
    says: 'six @ https://files.pythonhosted.org/nosuch/six-1.0.tar.gz cannot be fetched: 404 Not Found',
  },
  {
    log: '   Updating https://github.com/psf/requests.git (HEAD)\nerror: Git operation failed\n  cause: Git executable not found. Ensure that Git is installed and available.',
    says: 'git is missing, which a package needs to be built from source',
    missing: { kind: 'tool', name: 'git' },
  },
  {
    log: 'error: The interpreter at `/usr` is externally managed, and indicates the following:\n\n  To install Python packages system-wide, try apt install',
    says: 'this Python is managed by the distribution',
  },
  {
    log: 'error: Failed to build `pyaudio==0.2.14`\n  cause: The build backend returned an error\n  cause: Call to `setuptools.build_meta.build_wheel` failed (exit status: 1)\n\n         [stderr]\n         src/pyaudio/device_api.c:9:10: fatal error: portaudio.h: No such file or directory\n             9 | #include "portaudio.h"\n         compilation terminated.\n\nhint: This error likely indicates that you need to install a library that provides `portaudio.h` for `pyaudio@0.2.14`',
    says: 'the header portaudio.h is missing',
    missing: { kind: 'header', name: 'portaudio.h' },
  },
  {
    log: "error: Failed to build `pyaudio==0.2.14`\n  cause: The build backend returned an error\n\n         [stderr]\n         error: [Errno 2] No such file or directory: 'x86_64-linux-gnu-gcc'\n\nhint: Build failures usually indicate a problem with the package or the build environment",
    says: 'the compiler gcc is missing, which a package needs to be built from source',
    missing: { kind: 'tool', name: 'gcc' },
  },
  {
    log: 'error: Failed to build `llvmlite==0.36.0`\n  cause: The build backend returned an error\n  cause: Call to `setuptools.build_meta:__legacy__.get_requires_for_build_wheel` failed (exit status: 1)\n\n         [stderr]\n         RuntimeError: Cannot install on Python version 3.11.2; only versions >=3.6,<3.10 are supported.\n\nhint: `llvmlite` (v0.36.0) was included because `numba` (v0.53.0) depends on `llvmlite`',
    says: 'a package wants Python >=3.6,<3.10, this is 3.11.2',
    missing: { kind: 'runtime', runtime: 'python', range: '>=3.6,<3.10' },
  },
  {
    log: 'error: Failed to build `demjson==2.2.4`\n  cause: The build backend returned an error\n  cause: Call to `setuptools.build_meta:__legacy__.get_requires_for_build_wheel` failed (exit status: 1)\n\n         [stderr]\n         error in demjson setup command: use_2to3 is invalid.',
    says: 'demjson==2.2.4 could not be built from source',
  },
  {
    log: "error: Failed to download and build `b @ git+https://me:****@github.com/a/b.git`\n  cause: Git operation failed\n  cause: failed to clone into: /root/.cache/uv/git-v2/db/c25\n  cause: process didn't exit successfully: `/usr/bin/git fetch --force --update-head-ok 'https://me:token@github.com/a/b.git' '+HEAD:refs/remotes/origin/HEAD'` (exit status: 128)\n         --- stderr\n         fatal: Authentication failed for 'https://github.com/a/b.git/'",
    says: 'https://github.com/a/b.git is private, or not there',
  },
  {
    log: "error: Git operation failed\n  cause: failed to clone into: /root/.cache/uv/git-v2/db/c25\n  cause: failed to fetch branch or tag `v9`\n  cause: process didn't exit successfully: `/usr/bin/git fetch --force --update-head-ok 'https://github.com/a/b.git' '+refs/tags/v9:refs/remotes/origin/tags/v9'` (exit status: 128)\n         --- stderr\n         fatal: couldn't find remote ref refs/tags/v9",
    says: 'https://github.com/a/b.git has no v9',
  },
  {
    log: "error: Git operation failed\n  cause: failed to clone into: /root/.cache/uv/git-v2/db/c25\n  cause: process didn't exit successfully: `/usr/bin/git fetch --force 'https://github.com/a/b.git' '+HEAD:refs/remotes/origin/HEAD'` (exit status: 128)\n         --- stderr\n         fatal: early EOF",
    says: 'https://github.com/a/b.git cannot be fetched by git: early EOF',
  },
]

describe('uv in place of pip says why as pip does', () => {
  test.each(uvSays)('$says', ({ log, says, missing, retryable = false }) => {
    const failure = fails(uvInstall, log)
    expect(failure).toMatchObject({ code: 'step_failed', message: `pip install failed: ${says}`, retryable })
    expect(failure.data['missing']).toEqual(missing)
  })
})

describe('what tools print', () => {
  test.each(steps)('$says', ({ run = pipInstall, log, says, code = 'step_failed', missing, exitCode = 1, retryable = false }) => {
    const failure = fails(run, log, { exitCode })
    expect(failure).toMatchObject({ code, message: says, retryable: code === 'disk_full' || retryable })
    expect(failure.data.missing).toEqual(missing)
    expect(failure.data.fix).toBeUndefined()
  })
})

const builders: readonly { message: string; title?: string; tail?: string; code: string; says: string; line?: number }[] = [
  {
    message: 'dockerfile parse error line 2: unknown instruction: RUNN',
    code: 'invalid_dockerfile',
    says: 'Dockerfile line 2: unknown instruction: RUNN',
    line: 2,
  },
  {
    message: 'failed to solve: dockerfile parse error on line 2: unknown instruction: RUNN (did you mean RUN?)',
    code: 'invalid_dockerfile',
    says: 'Dockerfile line 2: unknown instruction: RUNN (did you mean RUN?)',
    line: 2,
  },
  {
    message: 'COPY failed: file not found in build context or excluded by .dockerignore: stat nothere.txt: file does not exist',
    title: 'Step 2/3 : COPY nothere.txt .',
    code: 'step_failed',
    says: 'COPY failed: nothere.txt is not in the source, or is ignored',
  },
  {
    message: 'failed to compute cache key: "/nothere.txt" not found: not found',
    title: '[2/3] COPY nothere.txt .',
    code: 'step_failed',
    says: 'COPY failed: nothere.txt is not in the source, or is ignored',
  },
  {
    message: 'failed to compute cache key: failed to calculate checksum of ref abc::def: "/nothere.txt": not found',
    title: '[2/3] COPY nothere.txt .',
    code: 'step_failed',
    says: 'COPY failed: nothere.txt is not in the source, or is ignored',
  },
  {
    message: '"/nothere.txt" not found: not found',
    title: '[2/3] COPY nothere.txt .',
    code: 'step_failed',
    says: 'COPY failed: nothere.txt is not in the source, or is ignored',
  },
  {
    message: 'manifest for nosuch/base:1 not found: manifest unknown: manifest unknown',
    code: 'base_image_missing',
    says: 'the base image nosuch/base:1 does not exist, or may not be pulled',
  },
  {
    message:
      "pull access denied for nosuch/base, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
    code: 'base_image_missing',
    says: 'the base image nosuch/base does not exist, or may not be pulled',
  },
  {
    message: 'docker.io/nosuch/base:1: not found',
    title: '[1/2] FROM docker.io/nosuch/base:1',
    code: 'base_image_missing',
    says: 'the base image docker.io/nosuch/base:1 does not exist, or may not be pulled',
  },
  {
    message: 'nosuch/base:1: failed to resolve source metadata for docker.io/nosuch/base:1: docker.io/nosuch/base:1: not found',
    code: 'base_image_missing',
    says: 'the base image docker.io/nosuch/base:1 does not exist, or may not be pulled',
  },
  {
    message: 'Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 10.0.0.2:53: no such host',
    code: 'registry_unreachable',
    says: 'the base image cannot be pulled: no address is known for registry-1.docker.io',
  },
  {
    message: 'Get "http://127.0.0.1:5009/v2/": dial tcp 127.0.0.1:5009: connect: connection refused',
    code: 'registry_unreachable',
    says: 'the base image cannot be pulled: 127.0.0.1:5009: connection refused',
  },
  {
    message: 'toomanyrequests: You have reached your unauthenticated pull rate limit.',
    code: 'registry_unreachable',
    says: 'the base image cannot be pulled: the registry has had too many requests from here',
  },
  {
    message: 'Head "https://r.example/v2/x/manifests/1": unauthorized: authentication required',
    code: 'registry_denied',
    says: 'the registry denies the pull of the base image: unauthorized',
  },
  { message: 'write /var/lib/docker/tmp/x: no space left on device', code: 'disk_full', says: 'no space left on the disk of the builder' },
  {
    message: 'process "/bin/sh -c python x.py" did not complete successfully: cannot allocate memory',
    title: '[2/2] RUN python x.py',
    code: 'out_of_memory',
    says: 'python x.py failed: killed for want of memory',
  },
  {
    message: 'the --mount option requires BuildKit. Refer to https://docs.docker.com/',
    title: 'Step 2/2 : RUN --mount=type=cache,target=/x true',
    code: 'dockerfile_needs_buildkit',
    says: 'Dockerfile: --mount needs BuildKit',
  },
  { message: 'something nobody has seen before', code: 'step_failed', says: 'the build failed: something nobody has seen before' },
]

describe('what builders say', () => {
  test.each(builders)('$message', ({ message, title, tail = '', code, says, line }) => {
    const facts = title === undefined ? { message } : { message, title }
    const failure = reasonOf(facts, tail.split('\n'), { recipe: recipe('FROM x\n') })
    expect(failure).toMatchObject({ code, message: says })
    if (line !== undefined) expect(failure.data.line).toBe(line)
  })

  test('the line comes from the excerpt of BuildKit where the facts have none', () => {
    const facts = { title: '[2/2] RUN  make   all', message: 'process "/bin/sh -c make all" did not complete successfully: exit code: 2' }
    const failure = reasonOf(facts, ['Dockerfile:3', '   2 |     WORKDIR /app', '   3 | >>> RUN make all'], {
      recipe: recipe('FROM x\nWORKDIR /app\nRUN make all\n'),
    })
    expect(failure.data).toMatchObject({ line: 3, exitCode: 2, instruction: 'RUN make all', tool: 'make' })
  })

  test('a program that cannot be started, in the words of the runtime', () => {
    const message = 'failed to create task for container: runc create failed: exec: "frobnicate": executable file not found in $PATH'
    expect(fails('["frobnicate"]', '', { message }).message).toBe('frobnicate failed: frobnicate is not there')
  })

  test('a base image is told with the line of its FROM', () => {
    const message = 'docker.io/nosuch/base:1: not found'
    const failure = reasonOf({ message }, [], { recipe: recipe('ARG V=1\nFROM x AS one\nFROM nosuch/base:1\n') })
    expect(failure).toMatchObject({ code: 'base_image_missing', data: { line: 3 } })
  })

  test('a base that Kiln chose is told with how to choose another version', () => {
    const facts = {
      title: 'Step 1/9 : FROM python:3.99-slim',
      line: 1,
      message: 'manifest for python:3.99-slim not found: manifest unknown',
    }
    const planned = recipe('FROM python:3.99-slim\n')
    expect(reasonOf(facts, [], { recipe: planned })).toMatchObject({
      code: 'base_image_missing',
      hint: expect.stringContaining('--runtime-version') as unknown,
    })
    const own = { ...planned, path: 'Dockerfile' } as Recipe
    expect(reasonOf(facts, [], { recipe: own }).hint).not.toContain('--runtime-version')
  })

  test('the texts of a command are not taken for texts of the builder', () => {
    const failure = fails('curl https://x/unauthorized', 'curl: (22) The requested URL returned error: 404')
    expect(failure).toMatchObject({ code: 'step_failed', message: 'curl failed: curl: (22) The requested URL returned error: 404' })
  })
})

test('a build that wrote nothing where it should is told with what to do', () => {
  const check = '["node", "-e", "process.exit(1)", "dist"]'
  const failure = fails(check, 'vite v7 building\nkiln: the build left no dist', { title: `Step 7/9 : RUN ${check}` })
  expect(failure).toMatchObject({ code: 'step_failed', message: 'the build left no dist' })
  expect(failure.hint).toContain('output directory')
})

test('messages are one line of at most 200 characters without control characters, the tail 20 lines', () => {
  const failure = fails(
    pipInstall,
    [
      ...Array.from({ length: 50 }, (_, at) => `line ${at}`),
      `ERROR: No matching distribution found for ${'x'.repeat(3000)}\u0007\u202E`,
    ].join('\n'),
  )
  expect(failure.message.length).toBeLessThanOrEqual(200)
  expect(failure.message).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  expect(failure.data.logTail).toHaveLength(20)
})

test('a hostile log costs no time worth noting', () => {
  const long = ['npm error peer '.repeat(2000), 'E: '.repeat(5000), 'x'.repeat(200_000), '\u001B['.repeat(20_000), 'error TS'.repeat(5000)]
  const began = performance.now()
  fails(
    pipInstall,
    Array.from({ length: 40 }, () => long)
      .flat()
      .join('\n'),
  )
  expect(performance.now() - began).toBeLessThan(5000) // a quadratic pattern would need minutes
})
