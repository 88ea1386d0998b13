// The server's package as its users get it: installed from the tarball into an empty folder, it runs on a source of
// their own, types check with the least TypeScript we name and with ours, and what is missing is said in one sentence.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const place = mkdtempSync(join(tmpdir(), 'trace-server-package-'))
const command = join(place, 'node_modules/.bin/trace-server')

function run(command, args, cwd = place) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}\n${stdout}${stderr}`)
  return stdout
}

/** Starts the server in a folder of the place; gives its address and a way to end it. */
async function start(folder, ...args) {
  const server = spawn(command, ['--port', '0', ...args], { cwd: join(place, folder), stdio: 'pipe' })
  let said = ''
  const url = await new Promise((resolve, reject) => {
    for (const stream of [server.stdout, server.stderr]) {
      stream.on('data', (data) => {
        said += data
        const address = /http:\/\/[\d.:]+/.exec(said)
        if (address) resolve(address[0])
      })
    }
    server.once('exit', (code) => reject(new Error(`The server ended with code ${code}: ${said}`)))
  })
  const ended = new Promise((resolve) => server.once('exit', resolve))
  return {
    url,
    stop() {
      server.kill('SIGTERM')
      return ended
    },
  }
}

/** What a server says that does not start. */
function refusal(folder, ...args) {
  const { status, stderr } = spawnSync(command, ['--port', '0', ...args], {
    cwd: join(place, folder),
    encoding: 'utf8',
    timeout: 60_000,
  })
  assert.equal(status, 1)
  return stderr
}

/** Asks a whole question and reads its stream to the end. */
async function ask(url, question, headers) {
  const accepted = await fetch(`${url}/api/trace/run`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(question),
  })
  if (!accepted.ok) return { accepted, lines: [] }
  const { follow_url } = await accepted.json()
  const text = await (await fetch(url + follow_url, { headers })).text()
  return {
    accepted,
    lines: text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  }
}

try {
  const [{ filename }] = JSON.parse(
    run('npm', ['pack', '--json', '--workspace', 'mock-server', '--pack-destination', place], root),
  )
  writeFileSync(join(place, 'package.json'), '{"private":true}')
  run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', filename])
  cpSync(join(root, 'scripts/serverConsumers'), place, { recursive: true })

  assert.match(run(command, ['--version']), /^\d+\.\d+\.\d+\n$/)
  assert.match(run(command, ['worker', '--help']), /--takes KIND/)

  const server = await start('plant')
  try {
    const question = { profile: 'where_used', params: { resolve_type: 'batch', values: ['A1', 'B1', 'C1'] } }
    const { accepted: stranger } = await ask(server.url, question, {})
    assert.equal(stranger.status, 401)
    const eve = { 'X-User': 'eve', Origin: 'https://mes.example' }
    const { accepted, lines } = await ask(server.url, question, eve)
    assert.equal(accepted.headers.get('Access-Control-Allow-Origin'), 'https://mes.example')
    assert.equal(lines.at(-1).type, 'complete', JSON.stringify(lines.at(-1)))
    assert.deepEqual(lines.find(({ type }) => type === 'unmatched').values, ['C1'])
    const rows = lines.flatMap(({ type, domain, data }) =>
      type === 'records' && domain === 'passes' ? data : [],
    )
    assert.deepEqual(rows.map(({ CONTAINERID }) => CONTAINERID).sort(), [
      'A1',
      'A1-1',
      'A1-2',
      'B1',
      'B1-1',
      'B1-2',
    ])
  } finally {
    assert.equal(await server.stop(), 0)
  }
  console.log('a source of the user: a run is complete, callers and origins are told apart')

  assert.equal(
    refusal('driverless'),
    'trace.config.mjs cannot be loaded (line 5): PostgreSQL needs the packages pg and pg-cursor: npm install pg pg-cursor.\n',
  )
  assert.equal(
    refusal('plant', '--data', '.'),
    'DuckDB needs the package @duckdb/node-api: npm install @duckdb/node-api\n',
  )
  console.log('a driver that is not installed is named')

  mkdirSync(join(place, 'broken'))
  writeFileSync(join(place, 'broken/trace.config.mjs'), 'export default { source: , }')
  assert.equal(
    refusal('broken'),
    "trace.config.mjs cannot be loaded: Unexpected token ',' (node --check trace.config.mjs shows where).\n",
  )

  if (process.features.typescript) await (await start('typescript')).stop()
  else
    assert.match(
      refusal('typescript'),
      /^trace\.config\.ts cannot be loaded: Node \S+ does not run TypeScript: .+\n$/,
    )
  console.log('a config file in TypeScript: it runs, or a sentence says which Node runs it')

  mkdirSync(join(place, 'node_modules/@types'), { recursive: true })
  for (const name of ['@types/node', 'vitest']) {
    symlinkSync(join(root, 'node_modules', name), join(place, 'node_modules', name))
  }
  for (const [compiler, resolution] of [
    ['typescript-least', 'nodenext'],
    ['typescript', 'bundler'],
  ]) {
    run('node', [join(root, 'node_modules', compiler, 'bin/tsc'), '-p', `typed/tsconfig.${resolution}.json`])
    console.log(`trace.config.ts: types are sound with ${compiler}, ${resolution}`)
  }
} finally {
  rmSync(place, { recursive: true, force: true })
}
