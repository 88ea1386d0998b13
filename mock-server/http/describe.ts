import type { Endpoint } from './Endpoint.js'
import { json } from './json.js'

/** GET /api/trace/describe: what may be asked, and what the rows are. */
export const describe: Endpoint = async (_, __, services) => json(services.describe())
