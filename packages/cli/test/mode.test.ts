import { describe, expect, test } from 'vitest'
import { progressMode, wantsColour } from '../src/terminal/mode.ts'
import { fakeScreen } from './fake-io.ts'

const [terminal, pipe] = [fakeScreen(true), fakeScreen(false)]

describe('progress', () => {
  test.each([
    ['a terminal', undefined, {}, terminal, 'tty'],
    ['a pipe', undefined, {}, pipe, 'plain'],
    ['CI', undefined, { CI: 'true' }, terminal, 'plain'],
    ['GitHub', undefined, { GITHUB_ACTIONS: 'true' }, terminal, 'plain'],
    ['CI=false', undefined, { CI: 'false' }, terminal, 'tty'],
    ['an agent', undefined, { AI_AGENT: 'x' }, terminal, 'plain'],
    ['TERM=dumb', undefined, { TERM: 'dumb' }, terminal, 'plain'],
    ['TERM=dumb with the flag', 'tty', { TERM: 'dumb' }, terminal, 'plain'],
    ['the variable', undefined, { KILN_PROGRESS: 'quiet' }, terminal, 'quiet'],
    ['the flag over the variable', 'json', { KILN_PROGRESS: 'quiet', CI: '1' }, terminal, 'json'],
    ['the flag over CI', 'tty', { CI: '1' }, pipe, 'tty'],
    ['auto over the variable', 'auto', { KILN_PROGRESS: 'quiet' }, pipe, 'plain'],
  ] as const)('%s', (_what, flag, env, screen, mode) => expect(progressMode(flag, env, screen)).toBe(mode))
})

describe('colour', () => {
  test.each([
    ['a terminal', {}, terminal, true],
    ['a pipe', {}, pipe, false],
    ['NO_COLOR', { NO_COLOR: '1' }, terminal, false],
    ['an empty NO_COLOR', { NO_COLOR: '' }, terminal, true],
    ['NO_COLOR over FORCE_COLOR', { NO_COLOR: '1', FORCE_COLOR: '1' }, terminal, false],
    ['FORCE_COLOR', { FORCE_COLOR: '1' }, pipe, true],
    ['FORCE_COLOR=0', { FORCE_COLOR: '0' }, terminal, false],
    ['TERM=dumb', { TERM: 'dumb' }, terminal, false],
    ['an agent', { CLAUDECODE: '1' }, terminal, false],
  ] as const)('%s', (_what, env, screen, wanted) => expect(wantsColour(env, screen)).toBe(wanted))
})
