import { memoryStore } from '@kiln/core'
import { fakeDriver } from '@kiln/testkit/driver'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createReaper } from '../../src/driver/reaper.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function counted(fails: () => boolean = () => false) {
  const rounds: number[] = []
  const reap = async (): Promise<void> => {
    rounds.push(Date.now() - began)
    if (fails()) throw new Error('away')
  }
  const began = Date.now()
  return { rounds, driver: { ...fakeDriver(), reap }, reaper: createReaper(memoryStore().queue, Date.now) }
}

test('work starts a round at once, and what comes within the minute one at its end', async () => {
  const { rounds, driver, reaper } = counted()
  for (let n = 0; n < 5; n++) {
    reaper.worked(driver)
    await vi.advanceTimersByTimeAsync(5000)
  }
  expect(rounds).toEqual([0])
  await vi.advanceTimersByTimeAsync(600_000)
  expect(rounds).toEqual([0, 60_000])
  reaper.worked(driver)
  expect(rounds).toHaveLength(3)
})

test('a builder that is away is asked again each minute until it has answered', async () => {
  let away = true
  const { rounds, driver, reaper } = counted(() => away)
  reaper.worked(driver)
  await vi.advanceTimersByTimeAsync(130_000)
  away = false
  await vi.advanceTimersByTimeAsync(600_000)
  expect(rounds).toEqual([0, 60_000, 120_000, 180_000])
})

test('nothing starts after the end', async () => {
  const { rounds, driver, reaper } = counted()
  reaper.worked(driver)
  reaper.worked(driver)
  await reaper[Symbol.asyncDispose]()
  reaper.worked(driver)
  await vi.advanceTimersByTimeAsync(600_000)
  expect(rounds).toEqual([0])
})

test('the end does not wait for a driver that does not heed it', async () => {
  vi.useRealTimers()
  const driver = { ...fakeDriver(), reap: () => new Promise<void>(() => undefined) }
  const reaper = createReaper(memoryStore().queue, Date.now)
  reaper.worked(driver)
  await expect(reaper[Symbol.asyncDispose]()).resolves.toBeUndefined()
})
