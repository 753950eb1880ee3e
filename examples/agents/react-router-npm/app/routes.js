import { index, route } from '@react-router/dev/routes'

export default [index('routes/home.jsx'), route('api/guests', 'routes/guests.js')]
