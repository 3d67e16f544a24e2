import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { Replica } from '../../store/replica.js'
import { CLAIM_MILLISECONDS } from '../../store/store.js'
import type { Fault } from '../bodies.js'
import { type Gate, type Held, MAX_GATE_WAIT } from '../faults/gate.js'
import { type Group, ticketsInOrder } from '../faults/gate-groups.js'
import type { Waits } from '../waits.js'
import type { World } from '../worlds/world.js'

/**
 * Gates where requests to several mocks wait for each other. Who came, when a group is complete, and who has done his work
 * stands in the log; each mock holds its own requests, and looks there when they may go: one after the other.
 */
export interface SharedGates {
  /** A ticket, to be noted in the turn in which it is asked for. */
  issue(world: World): string
  /** Whoever has it may not come to the gate after all. */
  forget(world: World, ticket: string): void
  /**
   * The gate for whoever has it.
   *
   * @param patience how many milliseconds another one may take for his work
   */
  gateFor(world: World, fault: Fault, ticket: string, patience: number): Gate
  /** Resolves once the others were told of all who went from here, or will not be: they find it out by themselves then. */
  settled(): Promise<void>
}

interface OneWorld {
  issue(): string
  forget(ticket: string): void
  gateFor(fault: Fault, ticket: string, patience: number): Gate
}

/** How often those who wait have a look: less often, the longer nothing happens. */
const LOOK_MILLISECONDS = [10, 100] as const
const LESS_OFTEN = 1.5

/** A mock that is there tells the others in time that it waited for long enough, though a dead one may have the claim. */
const TELL_MILLISECONDS = CLAIM_MILLISECONDS

/** A request of this mock that has a ticket. */
interface Visit {
  step: 'comes' | 'waits' | 'is delayed' | 'is ready' | 'goes'
  /** It waits for nobody. */
  isFree: boolean
  /** Whose work it waits for. */
  before?: string | undefined
  /** Ends its waiting for that. */
  callOff(): void
  /** What its fault delays it by. */
  delay: Held['delay']
  go: Held['go']
  isSerial: boolean
  patience: number
}

const NEW_VISIT: Visit = {
  ...{ step: 'comes', isFree: false, isSerial: false, patience: 0 },
  ...{ callOff() {}, delay() {}, go() {} },
}

interface Found {
  fault: Fault
  group: Group
}

export function createSharedGates(waits: Waits): SharedGates {
  const ofWorlds = new WeakMap<World, OneWorld>()
  const looking = new Set<Promise<void>>()

  function follow(looked: Promise<void>): void {
    const ended: Promise<void> = looked
      .catch(() => {})
      .then(() => {
        looking.delete(ended)
      })
    looking.add(ended)
  }

  function of(world: World): OneWorld {
    const gates = ofWorlds.get(world) ?? createGates(world, world.replica as Replica, waits, follow)
    ofWorlds.set(world, gates)
    return gates
  }

  return {
    issue: (world) => of(world).issue(),
    forget: (world, ticket) => of(world).forget(ticket),
    gateFor: (world, ...rest) => of(world).gateFor(...rest),
    async settled() {
      await Promise.race([Promise.all(looking), setTimeout(TELL_MILLISECONDS, undefined, { ref: false })])
    },
  }
}

/** @param follow is told of what is under way for as long as somebody waits, or is to be told of something */
function createGates(world: World, replica: Replica, waits: Waits, follow: (looked: Promise<void>) => void): OneWorld {
  const mock = randomUUID()
  let issued = 0
  const visits = new Map<string, Visit>()
  let isAsked = false
  let isTelling = false
  let isLooking = false
  /** Nothing is heard of the others. */
  let isAway = false

  const isOwn = (ticket: string) => ticket.startsWith(mock)
  const isPast = ({ past }: Group, ticket: string) => past.includes(ticket) || (isOwn(ticket) && !visits.has(ticket))
  /** Who hears nothing of the others, or stops, waits for its own alone. */
  const isWaitedFor = (ticket: string) => isOwn(ticket) || !(isAway || waits.isOver)
  const nextOf = ({ fault, group }: Found) =>
    ticketsInOrder(group, fault).find((ticket) => isWaitedFor(ticket) && !isPast(group, ticket))
  const groupOf = (ticket: string) => world.faults.groups.find(({ group }) => group.tickets.includes(ticket))

  /** Lets those go whose time has come, and has the others told of those who went. */
  function check(): void {
    if (isAsked) return
    isAsked = true
    // What a turn does may yet be taken back.
    replica
      .read()
      .then((end) => {
        isAsked = false
        const found = new Map<string, Found>()
        for (const each of world.faults.groups) for (const ticket of each.group.tickets) found.set(ticket, each)
        for (const [ticket, visit] of visits) step(ticket, visit, found.get(ticket))
        end()
        if (!isTelling && departed().length > 0) tell().catch(() => {})
        if (!isLooking) follow(look())
      })
      .catch(() => {})
  }

  function step(ticket: string, visit: Visit, found: Found | undefined): void {
    if (found === undefined || isPast(found.group, ticket)) visit.isFree = true
    if (visit.step === 'waits' && (visit.isFree || found?.group.isOpen)) {
      visit.callOff()
      // Where one waits for the answer of another, it is delayed when its turn comes.
      visit.step = visit.isSerial ? 'is ready' : 'is delayed'
      if (!visit.isSerial)
        visit.delay(() => {
          visit.step = 'is ready'
          check()
        })
    }
    if (visit.step !== 'is ready') return
    const next = visit.isFree || found === undefined ? ticket : nextOf(found)
    if (next === ticket) go(ticket, visit)
    else if (next !== undefined && next !== visit.before) waitFor(next, visit)
  }

  function go(ticket: string, visit: Visit): void {
    visit.callOff()
    visit.step = 'goes'
    const done = () => {
      visit.callOff()
      visits.delete(ticket)
      check()
    }
    // Nobody else waits longer, either.
    visit.callOff = waits.after(visit.patience, done)
    if (visit.isSerial) visit.delay(() => visit.go(() => {}, done))
    else visit.go(done, done)
  }

  /** One that takes too long is taken for gone, and so are all that came to the same mock. */
  function waitFor(before: string, visit: Visit): void {
    visit.callOff()
    visit.before = before
    const patience = visit.patience + (isOwn(before) ? 0 : TELL_MILLISECONDS)
    visit.callOff = waits.after(patience, () => {
      // A mock that stops waits for nobody else, and knows nothing of them.
      if (waits.isOver) return check()
      endWaiting(visit, () => {
        const { fault, group } = groupOf(before) ?? {}
        if (fault === undefined || group === undefined || isPast(group, before)) return
        const [theirs = ''] = before.split('/')
        const gone = isOwn(before) ? [before] : group.tickets.filter((ticket) => ticket.startsWith(theirs))
        world.apply({ type: 'gate passed', id: fault.id, tickets: gone, at: Date.now() })
      })
    })
  }

  /** Who cannot tell the others that its time is over goes alone, and so does whoever is at a mock that stops. */
  function endWaiting(visit: Visit, act: () => void): void {
    const free = () => {
      visit.isFree = true
      check()
    }
    replica.write(act, 'again').then(check).catch(free)
    if (waits.isOver) free()
  }

  /** Those who went from here, and of whom the others do not know it. */
  function departed(): { id: string; tickets: string[] }[] {
    return world.faults.groups
      .map(({ fault, group }) => ({
        id: fault.id,
        tickets: group.tickets.filter((ticket) => isPast(group, ticket) && !group.past.includes(ticket)),
      }))
      .filter(({ tickets }) => tickets.length > 0)
  }

  async function tell(): Promise<void> {
    isTelling = true
    const act = () => {
      for (const each of departed()) world.apply({ type: 'gate passed', ...each, at: Date.now() })
    }
    await replica.write(act, 'again').catch(() => {})
    isTelling = false
  }

  /** Follows the log for as long as somebody waits, or does not know yet. */
  async function look(): Promise<void> {
    const [least, most] = LOOK_MILLISECONDS
    let pause: number = least
    isLooking = true
    while (visits.size > 0 || (departed().length > 0 && !(isAway && waits.isOver))) {
      const { position } = replica.place
      isAway = await replica.current('look').then(
        () => false,
        () => true,
      )
      check()
      await setTimeout(pause)
      pause = replica.place.position === position ? Math.min(pause * LESS_OFTEN, most) : least
    }
    isLooking = false
  }

  function come(ticket: string, visit: Partial<Visit> = {}): Visit {
    const come: Visit = { ...NEW_VISIT, ...visit }
    visits.set(ticket, come)
    return come
  }

  return {
    issue() {
      const ticket = `${mock}/${issued++}`
      come(ticket)
      return ticket
    },
    forget(ticket) {
      if (visits.get(ticket)?.step !== 'comes') return
      visits.delete(ticket)
      check()
    },
    gateFor: ({ one_winner: isSerial = false }, ticket, patience) => ({
      enter(held) {
        // That it came stands in the log.
        isAway = false
        const visit = come(ticket, { step: 'waits', isSerial, patience, ...held })
        visit.callOff = waits.after(MAX_GATE_WAIT, () =>
          endWaiting(visit, () => {
            const { fault, group } = groupOf(ticket) ?? {}
            if (fault !== undefined && group?.isOpen === false)
              world.apply({ type: 'gate opened', id: fault.id, ticket })
          }),
        )
        check()
      },
    }),
  }
}
