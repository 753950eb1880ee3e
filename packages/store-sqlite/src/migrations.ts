import type { DatabaseSync } from 'node:sqlite'
import { BuildError } from '@kiln/core'

/** 'Kiln' in the header of the file */
const applicationId = 0x4b696c6e

// Each entry leads from its index to the next version. Never change one that was released; add one.
const migrations: readonly string[] = [
  `
  create table runs (
    ord integer primary key autoincrement, id text not null unique, tenant text not null, key text not null,
    image text not null, driver text not null, why text not null, inputs text not null, spec text not null,
    state text not null, cancelling integer not null, attempt integer not null, drained integer not null,
    events integer not null, base integer not null, logs_gone integer not null,
    worker text, lease_until integer, queued_at integer not null, started_at integer, ended_at integer, built text, error text
  ) strict;
  create index runs_by_key on runs (tenant, key, ord);
  create index runs_queued on runs (tenant, driver, ord) where state = 'queued';
  create index runs_waiting on runs (queued_at) where state = 'queued';
  create index runs_again on runs (attempt, drained) where state = 'queued' and attempt > 0;
  create index runs_building on runs (tenant, lease_until) where state = 'building';

  create table builds (
    ord integer primary key autoincrement, id text not null unique, tenant text not null, run text not null, name text not null,
    state text not null, accepted_at integer not null, fixed text not null, off text
  ) strict;
  create index builds_by_run on builds (run);
  create index builds_by_tenant on builds (tenant, ord);
  create index builds_by_name on builds (tenant, name, ord);
  create index builds_by_state on builds (tenant, state, ord);

  create table events (run integer not null, last integer not null, first integer not null, batch text not null, primary key (run, last))
    strict, without rowid;
  create table answered (
    tenant text not null, key text not null, build text not null, request text not null, at integer not null, primary key (tenant, key)
  ) strict, without rowid;
  create table documents (
    tenant text not null, kind text not null, name text not null, version integer not null, value text not null,
    primary key (tenant, kind, name)
  ) strict, without rowid;
  create table openers (mark text primary key, at integer not null) strict, without rowid;
  `,
  // attributes of Builds, to be searched; they never change
  `
  create table attributes (tenant text not null, name text not null, value text not null, ord integer not null,
    primary key (tenant, name, value, ord)) strict, without rowid;
  insert into attributes (tenant, name, value, ord)
    select b.tenant, j.key, j.value, b.ord from builds b, json_each(b.fixed, '$.attributes') j;
  create index runs_finished on runs (tenant, key, ended_at, ord) where state = 'succeeded' and built is not null;
  `,
]

export const currentVersion: number = migrations.length

function versionOf(db: DatabaseSync): number {
  return versionReader(db)()
}

export function versionReader(db: DatabaseSync): () => number {
  const statement = db.prepare('pragma user_version')
  return () => (statement.get() as { user_version: number }).user_version
}

/** Refuses, before anything is written, what is not ours or was written by a newer Kiln. */
export function checkVersion(db: DatabaseSync, file: string): void {
  const version = versionOf(db)
  const { application_id: owner } = db.prepare('pragma application_id').get() as { application_id: number }
  const { tables } = db.prepare('select count(*) as tables from sqlite_schema').get() as { tables: number }
  if (owner !== applicationId && tables > 0) throw new BuildError('store_corrupt', `${file} is a database, but not one of Kiln.`)
  if (version > currentVersion) throw tooNew(file, version)
}

export function tooNew(file: string, version: number): BuildError {
  return new BuildError('store_too_new', `${file} has version ${version}; this Kiln knows versions up to ${currentVersion}.`, {
    data: { version, known: currentVersion },
  })
}

/** One transaction: a process that dies in it leaves the old version. */
export function migrate(db: DatabaseSync): void {
  if (versionOf(db) === currentVersion) return
  db.exec('begin immediate')
  try {
    for (let version = versionOf(db); version < currentVersion; version++) {
      db.exec(migrations[version]!)
      db.exec(`pragma user_version = ${version + 1}`)
    }
    db.exec(`pragma application_id = ${applicationId}`)
    db.exec('commit')
  } catch (error) {
    if (db.isTransaction) db.exec('rollback')
    throw error
  }
}
