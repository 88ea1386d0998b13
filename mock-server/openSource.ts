import { createDuckDbSource } from './adapters/duckdb/createDuckDbSource.js'
import { createSyntheticSource } from './adapters/synthetic/createSyntheticSource.js'
import type { SourceSettings } from './config.js'
import { readConfigFile, type ConfigFile } from './configFile.js'
import { checkSource, type CheckedSource } from './services/source/checkSource.js'

/**
 * Makes the source of this process, or of this job's thread: the folder of `--data`, else that of the config file, else
 * the synthetic factory.
 *
 * @throws {Error} one sentence with the file and what is wrong in it
 */
export async function openSource(settings: Readonly<SourceSettings>): Promise<CheckedSource> {
  return sourceOf(await readConfigFile(settings.configFile), settings)
}

/** The same, when the config file has been read. */
export async function sourceOf(
  file: Pick<ConfigFile, 'source' | 'fileName'> | null,
  { folder, syntheticDelayMs }: Readonly<SourceSettings>,
): Promise<CheckedSource> {
  if (folder !== null) return checkSource(createDuckDbSource({ folder }))
  if (!file?.source) return checkSource(createSyntheticSource({ delayMsPerQuery: syntheticDelayMs }))
  const { source, fileName } = file
  try {
    return checkSource(typeof source === 'function' ? await source() : source)
  } catch (cause) {
    throw new Error(`${fileName}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}
