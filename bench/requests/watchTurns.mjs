/**
 * Loaded into a server's process (`--import`): measures the processor time of its main thread in each turn of the event
 * loop, between two `setImmediate` callbacks, and tells the longest over the IPC channel. The kernel counts it
 * (`schedstat`, brought up to date every few milliseconds), so waiting for a processor does not count.
 */
import { openSync, readSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

const NS_PER_MS = 1e6

// The main thread's id is the process's.
const file = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r')
const buffer = Buffer.alloc(64)
let isWatching = false
let longestMs = 0
let lastMs = 0
let beganMs = 0

function spentMs() {
  const length = readSync(file, buffer, 0, buffer.length, 0)
  return Number(buffer.toString('latin1', 0, length).split(' ')[0]) / NS_PER_MS
}

function turn() {
  const nowMs = spentMs()
  longestMs = Math.max(longestMs, nowMs - lastMs)
  lastMs = nowMs
  if (isWatching) setImmediate(turn)
}

// Threads of jobs load this too.
if (isMainThread)
  process.on('message', (message) => {
    isWatching = message === 'begin'
    if (isWatching) {
      longestMs = 0
      beganMs = lastMs = spentMs()
      setImmediate(turn)
      return process.send({ begun: true })
    }
    turn()
    process.send({ longestMs, allMs: lastMs - beganMs })
  })
// The measuring channel must not keep a server alive that was told to stop.
process.channel?.unref()
