// No part of the assistant: neither in its image nor in its cache key.
const { bar } = require('@desk/charts')
const ms = require('ms')

console.log(bar(ms('2h') / 600_000))
