// Programs of users against the package as it is packed. They are type-checked with the least TypeScript we name and
// with ours, and nothing else is installed beside them: no msw, and for the program in Node no types of the DOM either.
// One is bundled: the stream decoder alone must not bring the worker, which loads it, along. README's links are followed.
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'

const root = join(import.meta.dirname, '..')
/** What comes with the package, or stands beside it in a project. */
const BESIDE_IT = ['vue', '@vueuse/core', 'valibot', '@types/node']
/** 16.2 kB now; the worker would add 10 kB. */
const MAX_DECODER_BYTES = 17_000

function run(command, args, cwd) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}\n${stdout}${stderr}`)
  return stdout
}

/** Bytes, gzipped, of all that a bundler makes of one import, what is loaded later included. */
async function bundledBytes(code) {
  const entry = join(place, 'entry.js')
  writeFileSync(entry, code)
  const [{ output }] = await build({
    root: place,
    configFile: false,
    logLevel: 'error',
    build: { write: false, target: 'es2022', minify: true, lib: { formats: ['es'], entry } },
  })
  return output.reduce((sum, { code }) => sum + gzipSync(code, { level: 9 }).length, 0)
}

const place = mkdtempSync(join(tmpdir(), 'trace-consumers-'))
try {
  const [{ filename }] = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', place], root))
  const modules = join(place, 'node_modules')
  mkdirSync(join(modules, 'vue-trace-progress'), { recursive: true })
  run('tar', ['-xzf', filename, '-C', join(modules, 'vue-trace-progress'), '--strip-components=1'], place)
  for (const name of BESIDE_IT) {
    mkdirSync(dirname(join(modules, name)), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), join(modules, name))
  }
  const programs = join(root, 'scripts/consumers')
  for (const name of readdirSync(programs)) {
    cpSync(join(programs, name), join(place, name), { recursive: true })
    for (const compiler of ['typescript-least', 'typescript']) {
      run('node', [join(root, 'node_modules', compiler, 'bin/tsc'), '-p', name], place)
      console.log(`${name}: types are sound with ${compiler}`)
    }
  }
  const readme = readFileSync(join(modules, 'vue-trace-progress/README.md'), 'utf8')
  for (const [, link] of readme.matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
    if (!existsSync(join(modules, 'vue-trace-progress', link)))
      throw new Error(`README.md leads to ${link}, which is not packed`)
  }
  console.log('README.md: its links lead to what is packed')
  const bytes = await bundledBytes(`export { decodeTraceStream } from 'vue-trace-progress/core'`)
  if (bytes > MAX_DECODER_BYTES) throw new Error(`decodeTraceStream alone is ${bytes} bytes gzipped`)
  console.log(`decodeTraceStream alone is ${bytes} bytes gzipped`)
} finally {
  rmSync(place, { recursive: true, force: true })
}
