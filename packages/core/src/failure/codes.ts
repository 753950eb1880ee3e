/** What a caller can do with a failure of this code: its class decides the CLI's exit code and an API's status. */
export type FailureClass =
  | 'request' // the call itself is wrong: correct it and call again
  | 'source' // the source is refused or cannot be planned
  | 'build' // the user's build ran and failed
  | 'driver' // the builder is missing, unsuitable or broke
  | 'registry' // a registry refused or did not answer
  | 'time' // a limit of time was reached, or somebody cancelled
  | 'store' // records or bytes of Kiln itself
  | 'internal' // a defect of Kiln

export interface CodeFacts {
  readonly class: FailureClass
  /** True when the same call may succeed later without a change. */
  readonly retryable: boolean
  /** What to do, when the place that throws knows nothing better. */
  readonly hint: string
}

/** Every code a `BuildError` or a failed Build can carry. Each has a section in docs/errors.md (a test holds them together). */
export const codes = {
  // the call
  invalid_name: {
    class: 'request',
    retryable: false,
    hint: 'Use 1 to 63 characters of a-z, 0-9 and -, beginning and ending with a letter or digit.',
  },
  invalid_argument: { class: 'request', retryable: false, hint: 'Correct the named argument.' },
  invalid_reference: { class: 'request', retryable: false, hint: 'Use [host[:port]/]path[:tag][@digest], all lower case except the tag.' },
  invalid_config: { class: 'request', retryable: false, hint: 'Correct the named field; the published schema lists what is allowed.' },
  unknown_edition: { class: 'request', retryable: false, hint: 'Name an edition that this version of Kiln knows, or update Kiln.' },
  invalid_plan: { class: 'request', retryable: false, hint: 'Correct the named field; the published schema lists what is allowed.' },
  idempotency_mismatch: { class: 'request', retryable: false, hint: 'Use a new idempotency key for another request.' },
  document_exists: { class: 'request', retryable: false, hint: 'Use another name; the one that is there stays as it is.' },
  too_many_keys: { class: 'request', retryable: false, hint: 'Revoke keys that are not used any more.' },
  not_found: { class: 'request', retryable: false, hint: 'Check the id; builds of other tenants are not visible.' },
  // the source
  source_not_found: { class: 'source', retryable: false, hint: 'Name an existing directory, tar or tar.gz file, or - for standard input.' },
  source_unreadable: {
    class: 'source',
    retryable: false,
    hint: 'Give this process the right to read the named file, or add it to .dockerignore.',
  },
  source_changed: { class: 'source', retryable: true, hint: 'Run again when nothing writes to the directory.' },
  empty_source: { class: 'source', retryable: false, hint: 'Check the path and the ignore rules: nothing is left to build.' },
  invalid_archive: {
    class: 'source',
    retryable: false,
    hint: 'Make the archive again with an ordinary tar from inside the project directory.',
  },
  unsupported_archive: { class: 'source', retryable: false, hint: 'Send a tar, plain or compressed with gzip.' },
  archive_too_large: { class: 'source', retryable: false, hint: 'Leave out what the build does not need, or raise the limit.' },
  too_many_entries: { class: 'source', retryable: false, hint: 'Leave out what the build does not need, or raise the limit.' },
  invalid_path: { class: 'source', retryable: false, hint: 'Rename the file: paths are relative, inside the source, and portable.' },
  path_collision: { class: 'source', retryable: false, hint: 'Rename one of the two: they are the same file on some systems.' },
  link_outside: { class: 'source', retryable: false, hint: 'Replace the link by a copy, or ignore it in .dockerignore.' },
  unsupported_entry: {
    class: 'source',
    retryable: false,
    hint: 'Only regular files, directories and links inside the source can be built; ignore the rest in .dockerignore.',
  },
  invalid_ignore_file: { class: 'source', retryable: false, hint: 'Correct the named line of .dockerignore.' },
  // detect, infer, plan
  nothing_detected: { class: 'source', retryable: false, hint: 'Set "entrypoint" in kiln.json, or add a Dockerfile.' },
  several_candidates: {
    class: 'source',
    retryable: false,
    hint: 'Choose one: set "entrypoint" (or "unit") in kiln.json, or pass it as an option.',
  },
  entrypoint_not_found: { class: 'source', retryable: false, hint: 'Name a file that is in the source.' },
  invalid_manifest: { class: 'source', retryable: false, hint: 'Correct the named file at the named line.' },
  conflicting_constraints: { class: 'source', retryable: false, hint: 'Make the named constraints agree.' },
  unsupported_project: { class: 'source', retryable: false, hint: 'Add a Dockerfile: Kiln does not plan this kind of project yet.' },
  plan_timeout: { class: 'source', retryable: false, hint: 'Ignore generated or very large files in .dockerignore.' },
  // Dockerfiles
  dockerfile_not_found: { class: 'source', retryable: false, hint: 'Name a regular file inside the source.' },
  invalid_dockerfile: { class: 'source', retryable: false, hint: 'Correct the named line.' },
  dockerfile_needs_buildkit: { class: 'source', retryable: false, hint: 'Use a driver that has BuildKit, or remove the named feature.' },
  frontend_not_allowed: { class: 'source', retryable: false, hint: 'Remove the "# syntax=" line.' },
  // the driver
  needs_unmet: { class: 'driver', retryable: false, hint: 'Choose a driver that can do it, or change the plan.' },
  driver_unreachable: { class: 'driver', retryable: true, hint: 'Start the builder, or point to it (DOCKER_HOST for Docker Engine).' },
  driver_unsupported: { class: 'driver', retryable: false, hint: 'Update the builder to a supported version.' },
  driver_refused: { class: 'driver', retryable: false, hint: 'Use a driver that isolates tenants for untrusted sources.' },
  driver_lost: { class: 'driver', retryable: true, hint: 'The builder went away during the build; see its own log.' },
  driver_failed: { class: 'driver', retryable: false, hint: 'See the cause and the log of the builder.' },
  disk_full: { class: 'driver', retryable: true, hint: 'Free disk space on the builder (docker system prune).' },
  // the build
  step_failed: { class: 'build', retryable: false, hint: 'See the last lines of the failing step.' },
  base_image_missing: { class: 'build', retryable: false, hint: 'Check the name and tag of the base image, and the right to pull it.' },
  out_of_memory: { class: 'build', retryable: false, hint: 'Raise the memory limit of the build.' },
  // registries
  registry_denied: { class: 'registry', retryable: false, hint: 'Log in to the registry with the right to pull and push this repository.' },
  registry_unreachable: { class: 'registry', retryable: true, hint: 'Check the address of the registry and the network.' },
  registry_failed: { class: 'registry', retryable: false, hint: 'See the answer of the registry.' },
  push_unverified: { class: 'registry', retryable: true, hint: 'The registry does not hand out what was pushed; see its log.' },
  // time
  cancelled: { class: 'time', retryable: false, hint: 'Start the build again if it is still wanted.' },
  timed_out: { class: 'time', retryable: false, hint: 'Raise the time limit, or make the build shorter.' },
  silent: {
    class: 'time',
    retryable: false,
    hint: 'The build printed nothing for too long; look for a prompt or a hang, or raise the limit.',
  },
  queue_expired: { class: 'time', retryable: true, hint: 'No worker took the build in time; start more workers.' },
  lookup_stale: { class: 'store', retryable: true, hint: 'Send the same request again: an earlier build answers it now.' },
  queue_full: { class: 'time', retryable: true, hint: 'Wait until earlier builds have started, then send the same request again.' },
  worker_lost: { class: 'time', retryable: true, hint: 'Every worker that took the build died; see their logs.' },
  // Kiln's own state
  store_too_new: { class: 'store', retryable: false, hint: 'Update Kiln, or use another data directory.' },
  store_corrupt: { class: 'store', retryable: false, hint: 'Restore the data directory from a copy, or move it away and start anew.' },
  store_unavailable: { class: 'store', retryable: true, hint: 'Check the data directory: space, rights, and that its disk is local.' },
  blob_missing: { class: 'store', retryable: false, hint: 'The bytes were pruned or lost; send the source again.' },
  blob_mismatch: { class: 'store', retryable: false, hint: 'The bytes do not have the promised digest; send them again.' },
  blob_too_large: { class: 'store', retryable: false, hint: 'Send less, or raise the limit.' },
  closed: { class: 'internal', retryable: false, hint: 'The engine or handle was disposed; open a new one.' },
  internal: { class: 'internal', retryable: false, hint: 'Please report this with the message and the stack.' },
} as const

export type ErrorCode = keyof typeof codes

/** What is true of every failure of a code. */
export function factsOf(code: ErrorCode): CodeFacts {
  return codes[code]
}
