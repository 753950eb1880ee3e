// Runs in browsers: the page loads it, so that it is no program of a server.
const hour = new Date().getHours()
document.querySelector('#answer').textContent = hour >= 9 && hour < 17 ? 'Yes, until five.' : 'No, come back at nine.'
