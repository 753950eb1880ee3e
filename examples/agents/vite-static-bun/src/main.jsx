import { createRoot } from 'react-dom/client'

function Board() {
  return <main>You are at {location.pathname}</main>
}

createRoot(document.getElementById('root')).render(<Board />)
