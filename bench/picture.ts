import { parse, View } from 'vega'
import { compile } from 'vega-lite'
import type { OperationName } from './operations.js'
import type { Results } from './results.js'
import { median } from './rounds.js'

/** Shown side by side. */
const SHOWN: OperationName[] = ['retrieve', 'list of 20']
/** Readable on white and on black. */
const INK = '#808890'
const MOCK_COLOUR = '#fd4b2d'
const PEER_COLOUR = '#8fa3b8'
const FONT = 'system-ui, sans-serif'

/** Requests per second of every peer, as SVG; undefined where nothing was measured. */
export async function draw(results: Results): Promise<string | undefined> {
  const charts = SHOWN.map((operation) => chart(operation, barsOf(results, operation))).filter(
    (bars) => bars !== undefined,
  )
  if (charts.length === 0) return undefined
  const spec = { ...FRAME, hconcat: charts }
  return new View(parse(compile(spec).spec), { renderer: 'none' }).toSVG()
}

interface Bar {
  peer: string
  rate: number
  label: string
  ours: boolean
}

function barsOf({ operations }: Results, operation: OperationName): Bar[] {
  return Object.entries(operations[operation]?.values ?? {}).flatMap(([peer, cell]) => {
    if (!('rounds' in cell)) return []
    const rate = median(cell.rounds.map((round) => round.rate))
    return [{ peer, rate, label: Math.round(rate).toLocaleString('en'), ours: peer.startsWith('authentik-mock') }]
  })
}

const FRAME = {
  background: 'transparent',
  padding: 12,
  spacing: 36,
  title: {
    text: 'Requests per second: more is better',
    color: INK,
    font: FONT,
    fontSize: 15,
    anchor: 'start',
    offset: 12,
  },
  config: { view: { stroke: null }, font: FONT },
}

function chart(title: OperationName, bars: Bar[]): object | undefined {
  if (bars.length === 0) return undefined
  const peers = [...bars].sort((a, b) => b.rate - a.rate).map(({ peer }) => peer)
  const widest = Math.max(...bars.map(({ rate }) => rate))
  const axis = { title: null, labelColor: INK, labelFontSize: 12, labelLimit: 200, domain: false, ticks: false }
  return {
    title: { text: title, color: INK, font: FONT, fontSize: 13, anchor: 'start' },
    width: 260,
    height: { step: 26 },
    data: { values: bars },
    encoding: {
      y: { field: 'peer', type: 'nominal', sort: peers, axis },
      // Room for the label behind the longest bar.
      x: { field: 'rate', type: 'quantitative', axis: null, scale: { domain: [0, widest * 1.25] } },
    },
    layer: [
      {
        mark: { type: 'bar', cornerRadiusEnd: 2, height: 17 },
        encoding: { color: { condition: { test: 'datum.ours', value: MOCK_COLOUR }, value: PEER_COLOUR } },
      },
      {
        mark: { type: 'text', align: 'left', dx: 5, color: INK, fontSize: 12 },
        encoding: { text: { field: 'label', type: 'nominal' } },
      },
    ],
  }
}
