exports.bar = (length) => '#'.repeat(length)
