/** Whether it becomes so within two seconds. */
export async function eventually(so: () => boolean): Promise<boolean> {
  for (let n = 0; n < 200 && !so(); n++) await new Promise((resolve) => setTimeout(resolve, 10))
  return so()
}
