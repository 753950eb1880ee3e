import { shown } from '@kiln/core'
import { Refused } from '../../refusal.ts'

/**
 * The one spelling of a path inside a context: `./docker/Dockerfile` is `docker/Dockerfile`. Whether it is there is the build's to say.
 * Throws `invalid_dockerfile_path`.
 */
export function dockerfilePathOf(given: string): string {
  const parts = given.split('/').filter((part) => part !== '.')
  const path = parts.join('/')
  const bad = parts.length === 0 || parts.some((part) => part === '' || part === '..' || part.length > 255)
  if (!bad && path.length <= 4096 && !path.startsWith('-') && !/[\p{Cc}\p{Cs}\\]/u.test(path)) return path
  throw new Refused('invalid_dockerfile_path', `dockerfilePath: "${shown(given)}" is no path inside the context.`)
}
