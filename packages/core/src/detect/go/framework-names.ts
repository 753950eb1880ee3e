/** Server frameworks by the path that is imported; the first that a program uses names it. */
export const goFrameworks: readonly { readonly path: string; readonly name: string }[] = [
  { path: 'github.com/gin-gonic/gin', name: 'gin' },
  { path: 'github.com/labstack/echo', name: 'echo' },
  { path: 'github.com/gofiber/fiber', name: 'fiber' },
  { path: 'github.com/go-chi/chi', name: 'chi' },
  { path: 'github.com/gorilla/mux', name: 'gorilla' },
  { path: 'github.com/valyala/fasthttp', name: 'fasthttp' },
  { path: 'github.com/cloudwego/hertz', name: 'hertz' },
  { path: 'google.golang.org/grpc', name: 'grpc' },
]
