import { RateLimiterMemory } from 'rate-limiter-flexible'
import { Refused } from '../refusal.ts'

export interface RateLimit {
  /** Throws `rate_limited`. */
  take(caller: string): Promise<void>
}

export function rateLimit(perMinute: number): RateLimit {
  const limiter = new RateLimiterMemory({ points: perMinute, duration: 60 })
  return {
    async take(caller) {
      const left = await limiter.consume(caller).catch((rejected: { readonly msBeforeNext: number }) => rejected)
      if (!('consumedPoints' in left) || left.consumedPoints <= perMinute) return
      throw new Refused('rate_limited', `This tenant has made more than ${perMinute} requests in a minute.`, {
        retryAfter: left.msBeforeNext / 1000,
      })
    },
  }
}
