// An agent's tool as a server: it answers in JSON for programs, and with a page for people.
package main

import (
	"encoding/json"
	"html/template"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"

	"example.com/harbour/internal/tides"
	"github.com/go-chi/chi/v5"
)

var page = template.Must(template.ParseGlob("pages/*.html"))

func main() {
	router := chi.NewRouter()
	router.Get("/", home)
	router.Get("/tides/{day}", forecast)
	port := os.Getenv("PORT")
	if port == "" {
		port = "8090"
	}
	log.Printf("listening on %s", port)
	log.Fatal(http.ListenAndServe(":"+port, router))
}

func home(w http.ResponseWriter, _ *http.Request) {
	if err := remember(); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if err := page.ExecuteTemplate(w, "home.html", map[string]string{"User": strconv.Itoa(os.Getuid())}); err != nil {
		log.Print(err)
	}
}

// remember writes where a program of this image may: its own directory, and that of temporary files.
func remember() error {
	file, err := os.CreateTemp("", "visit")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	return os.WriteFile("visit.log", []byte(time.Now().String()), 0o600)
}

func forecast(w http.ResponseWriter, r *http.Request) {
	day, err := time.Parse(time.DateOnly, chi.URLParam(r, "day"))
	if err != nil {
		http.Error(w, "a day is written as 2026-11-22", http.StatusBadRequest)
		return
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("content-type", "application/json")
	if err := json.NewEncoder(w).Encode(map[string]any{"high": tides.Next(day.In(berlin), 3), "zone": berlin.String()}); err != nil {
		log.Print(err)
	}
}
