import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createOpenApi } from '../mock-server/openapi/createOpenApi.js'
import packageJson from '../package.json' with { type: 'json' }

const document = createOpenApi({ version: packageJson.version })
writeFileSync(join(import.meta.dirname, '../docs/openapi.json'), `${JSON.stringify(document, null, 2)}\n`)
