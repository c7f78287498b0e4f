import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** What is kept of a step's output, to be shown when it fails. */
const keptBytes = 64 * 1024

/**
 * Runs a step to its end and keeps the tail of its output. Rejects only when it cannot be started.
 * @param {string} file
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs: number }} options
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export function run(file, args, { cwd, env, timeoutMs }) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env: env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'] })
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
    let output = ''
    const keep = (/** @type {Buffer} */ chunk) => {
      output = (output + chunk.toString()).slice(-keptBytes)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      if (signal === 'SIGKILL') output += `\n${file} was ended after ${timeoutMs / 1000} s\n`
      resolve({ ok: code === 0, output })
    })
  })
}

/**
 * Hands the terminal to a program and gives back its exit code (128 + n when signal n ended it).
 *
 * One request to stop reaches the program once. Ctrl-C goes from the terminal to every process in its foreground, the
 * program among them, and npm then sends this process a second SIGINT for the same key press: neither is passed on.
 * Outside the foreground nobody else tells the program, so every signal is passed on, repeats within a second aside.
 * @param {string} file
 * @param {readonly string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<number>}
 */
export function handOver(file, args, { cwd, env }) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env: env ?? process.env, stdio: 'inherit' })
    let passedOnAt = Number.NEGATIVE_INFINITY
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
      process.on(signal, () => {
        if (signal === 'SIGINT' && inForeground()) return
        if (performance.now() - passedOnAt < 1000) return
        passedOnAt = performance.now()
        child.kill(signal)
      })
    child.on('error', reject)
    child.on('close', (code, signal) => resolve(code ?? 128 + (signal ? (signalNumbers[signal] ?? 0) : 0)))
  })
}

/** Whether this process is in the group that the terminal sends its Ctrl-C to: proc_pid_stat(5), pgrp and tpgid. */
function inForeground() {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return fields[2] === fields[5]
}

/** @type {Partial<Record<NodeJS.Signals, number>>} */
const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGABRT: 6, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 }
