const form = document.querySelector('form')!
const output = document.querySelector('output')!

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const question = String(new FormData(form).get('question') ?? '')
  const response = await fetch(`/api/answer?question=${encodeURIComponent(question)}`)
  const { answer } = (await response.json()) as { answer: string }
  output.textContent = answer
})
