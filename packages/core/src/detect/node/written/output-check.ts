/**
 * Ends a build that left nothing at the path it is given: a COPY of nothing would fail too, but says only what is not there. Its
 * words are known to failure/reason-node.ts.
 */
export const outputCheck: string = String.raw`const p=process.argv[1];if(!require('node:fs').existsSync(p)){console.error('kiln: the build left no '+p);process.exit(1)}`
