#!/usr/bin/env node
// trace-server [options], trace-server worker [options]
if (process.argv[2] === 'worker') {
  process.argv.splice(2, 1)
  await import('../worker.js')
} else {
  await import('../main.js')
}

export {}
