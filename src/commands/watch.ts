import type { Log } from '../log.js'
import type { Mock } from '../mock.js'
import { readDocuments } from '../world/fixtures/files.js'
import { FixtureError, formatMistake } from '../world/fixtures/mistakes.js'

/** An editor writes a file in several steps; they are waited for. */
const SETTLED = { stabilityThreshold: 50, pollInterval: 10 }

/** Serves the fixtures anew whenever they change; with a mistake in them, the last good world. Returns the end of it. */
export async function watchFixtures(paths: string[], mock: Mock, log: Log): Promise<() => Promise<void>> {
  const { watch } = await import('chokidar')
  const watcher = watch(paths, { ignoreInitial: true, awaitWriteFinish: SETTLED })
  watcher.on('error', (error) => log.error(`cannot watch the fixtures: ${(error as Error).message}`))
  let reloading = Promise.resolve()
  watcher.on('all', () => {
    reloading = reloading.then(() => reload(paths, mock, log))
  })
  await new Promise<void>((resolve) => watcher.once('ready', () => resolve()))
  return () => watcher.close()
}

async function reload(paths: string[], mock: Mock, log: Log): Promise<void> {
  try {
    await mock.reload(await readDocuments(paths))
    log.info('fixtures read again')
  } catch (error) {
    const mistakes = error instanceof FixtureError ? error.mistakes.map(formatMistake) : [(error as Error).message]
    for (const mistake of mistakes) log.error(mistake)
    log.error('the fixtures were not taken: the last good world is still served')
  }
}
