import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Log } from '../server/log.js'
import type { RunningMock } from '../server/mock.js'
import { AT_A_TIME, fixturesIn, inParallel, readSources } from '../world/load/files.js'
import { FixtureError, formatMistake } from '../world/load/mistakes.js'

/** An editor writes a file in several steps: files are read once nothing changes from one look to the next. */
const LOOK_EVERY_MS = 100
/** The pause after a look is so many times as long as the look, so that many files take no more than a twentieth. */
const REST = 20

/** Fixtures that are looked at again and again; see decisions/0014. */
export interface Watch {
  /** Serves them anew whenever they have changed; with a mistake in them, the last good world. */
  begin(mock: RunningMock, log: Log): void
  end(): void
}

/** Takes a first look, which must come before the files are read. */
export async function watchFixtures(paths: string[]): Promise<Watch> {
  const first = await lookAt(paths)
  const ending = new AbortController()

  async function run(mock: RunningMock, log: Log): Promise<void> {
    let pause = LOOK_EVERY_MS
    for (let [read, before] = [first, first]; ; ) {
      await wait(pause, undefined, ending)
      const begin = performance.now()
      const seen = await lookAt(paths)
      pause = Math.max(LOOK_EVERY_MS, REST * (performance.now() - begin))
      if (seen === before && seen !== read) {
        read = seen
        await reload(paths, mock, log)
      }
      before = seen
    }
  }

  return {
    begin(mock, log) {
      run(mock, log).catch((error) => {
        if (!ending.signal.aborted) log.error(error)
      })
    },
    end: () => ending.abort(),
  }
}

/** What is another text whenever a path leads to something else, or that has changed. */
async function lookAt(paths: string[]): Promise<string> {
  const seen: string[] = []
  for (const path of paths) {
    const names = await fixturesIn(path).catch(() => undefined)
    const files = names === undefined ? [path] : names.map((name) => join(path, name))
    seen.push(path, ...(await inParallel(files, AT_A_TIME, lookAtFile)))
  }
  return seen.join('\n')
}

async function lookAtFile(file: string): Promise<string> {
  try {
    const { dev, ino, mode, size, mtimeMs, ctimeMs } = await stat(file)
    return [file, dev, ino, mode, size, mtimeMs, ctimeMs].join()
  } catch (error) {
    return `${file}: ${(error as NodeJS.ErrnoException).code}`
  }
}

async function reload(paths: string[], mock: RunningMock, log: Log): Promise<void> {
  try {
    await mock.reload(await readSources(paths))
    log.info('fixtures read again')
  } catch (error) {
    const mistakes = error instanceof FixtureError ? error.mistakes.map(formatMistake) : [(error as Error).message]
    for (const mistake of mistakes) log.error(mistake)
    log.error('the fixtures were not taken: the last good world is still served')
  }
}
