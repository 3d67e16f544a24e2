import { accessSync, constants, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { UsageError } from '../command-line.js'
import { FORMATS, type Format, formatOf } from '../control/report/formats.js'
import type { Report } from '../control/schema.js'
import { writeWhole } from '../whole-file.js'

/**
 * Looks before the start whether a report can be written there at the end.
 *
 * @throws UsageError
 */
export function checkReportFile(file: string): void {
  if (formatOf(file) === undefined)
    throw new UsageError(`--report: found ${JSON.stringify(file)}; allowed: a name that ends in .json, .xml or .md`)
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(`--report: found a folder, ${file}; allowed: a file`)
  try {
    accessSync(dirname(file), constants.W_OK)
  } catch {
    throw new UsageError(`--report: found ${JSON.stringify(file)}; allowed: a file in a folder that can be written to`)
  }
}

/**
 * Writes a report in the format that the name of the file asks for.
 *
 * @throws UsageError for a file that cannot be written
 */
export function writeReport(file: string, report: Report): Promise<void> {
  return writeWhole('--report', file, FORMATS[formatOf(file) as Format].text(report))
}
