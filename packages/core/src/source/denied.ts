import type { IgnoreLine } from './ignore-file.ts'

/** What planned builds from directories leave out unless told otherwise, as patterns of .dockerignore in their order, by reason. */
export const denyList: readonly { readonly reason: string; readonly patterns: readonly string[] }[] = [
  { reason: 'version control', patterns: ['**/.git', '**/.hg', '**/.svn', '**/.jj'] },
  {
    reason: 'secrets',
    patterns: [
      ...['**/.env', '**/.env.*', '**/.env-*', '**/.env_*', '**/.envrc'],
      ...['!**/.env.example', '!**/.env.sample', '!**/.env.template', '!**/.env.dist', '!**/.env.defaults'],
      ...['!**/.env-example', '!**/.env-sample', '!**/.env-template', '!**/.env.*.example', '!**/.env.*.sample', '!**/.env.*.template'],
      ...['**/.netrc', '**/.pypirc', '**/.git-credentials', '**/.aws', '**/.ssh', '**/.gnupg', '**/.kube'],
      ...['**/application_default_credentials.json', '**/service-account*.json', '**/service_account*.json', '**/local.settings.json'],
      ...[
        '**/.streamlit/secrets.toml',
        '**/.dev.vars',
        '**/.dev.vars.*',
        '**/*.tfvars',
        '**/*.tfvars.json',
        '**/.docker/config.json',
        '**/.htpasswd',
      ],
      ...['!**/*example*.tfvars', '!**/.dev.vars.example'],
    ],
  },
  {
    reason: 'private keys',
    patterns: [
      ...['**/*.pem', '**/*.key', '**/*.p12', '**/*.pfx', '**/*.ppk', '**/*.keystore', '**/*.jks', '**/*.kdbx'],
      ...['**/id_rsa', '**/id_dsa', '**/id_ecdsa', '**/id_ecdsa_sk', '**/id_ed25519', '**/id_ed25519_sk'],
      // certificates of authorities and public keys are no secrets, and programs need them
      ...['!**/cacert.pem', '!**/ca.pem', '!**/ca-*.pem', '!**/ca_*.pem', '!**/*.pub.pem', '!**/*public*.pem', '!**/*public*.key'],
    ],
  },
  { reason: 'virtual environments', patterns: ['**/.venv', '**/.virtualenv', '**/.conda', '**/.pixi'] },
  { reason: 'installed packages', patterns: ['**/node_modules', '**/.pnpm-store'] },
  {
    reason: 'caches',
    patterns: [
      ...['**/__pycache__', '**/.pytest_cache', '**/.mypy_cache', '**/.ruff_cache', '**/.hypothesis', '**/.tox', '**/.nox'],
      ...['**/.ipynb_checkpoints', '**/.pytype', '**/.next/cache', '**/.turbo', '**/.parcel-cache', '**/.nyc_output', '**/.cache'],
      ...['**/.eslintcache', '**/.stylelintcache', '**/*.tsbuildinfo', '**/.gradle', '**/.terraform', '**/.kiln'],
    ],
  },
  {
    reason: 'the desk of the person',
    patterns: [
      '**/.DS_Store',
      '**/._*',
      '**/Thumbs.db',
      '**/desktop.ini',
      '**/.idea',
      '**/.vscode',
      '**/*.swp',
      '**/npm-debug.log',
      '**/yarn-error.log',
    ],
  },
]

/** A directory that holds one of these names is left out whole: virtual environments under any name, and tagged caches. */
export const denyMarkers: ReadonlySet<string> = new Set(['pyvenv.cfg', 'conda-meta', 'CACHEDIR.TAG'])

export const denyRules: readonly IgnoreLine[] = denyList
  .flatMap((part) => part.patterns)
  .map((text, at) => ({ pattern: text.replace(/^!/, ''), exclusion: text.startsWith('!'), line: at + 1, file: 'the default deny list' }))
