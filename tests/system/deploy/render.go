// SPDX-License-Identifier: MIT

// render prints a Helm chart as `helm template` would, as far as our chart goes: Helm is in no Debian
// release, but the engine below it is (text/template and sprig).
//
//	GO111MODULE=off go run render.go CHART [VALUES.json]        (values are JSON; the test makes it of YAML)
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"gopkg.in/yaml.v3"
)

type files string

// Get is what templates call; like Helm's it follows the chart's symbolic links.
func (chart files) Get(name string) string {
	text, err := os.ReadFile(filepath.Join(string(chart), name))
	check(err)
	return string(text)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func load(path string) map[string]any {
	text, err := os.ReadFile(path)
	check(err)
	values := map[string]any{}
	check(yaml.Unmarshal(text, &values))
	return values
}

func merge(into, from map[string]any) {
	for key, value := range from {
		inner, isMap := value.(map[string]any)
		if old, ok := into[key].(map[string]any); ok && isMap {
			merge(old, inner)
		} else {
			into[key] = value
		}
	}
}

func main() {
	log.SetFlags(0)
	chart := os.Args[1]
	values := load(filepath.Join(chart, "values.yaml"))
	if len(os.Args) > 2 {
		given := map[string]any{}
		check(json.Unmarshal([]byte(os.Args[2]), &given))
		merge(values, given)
	}
	meta := load(filepath.Join(chart, "Chart.yaml"))
	data := map[string]any{
		"Values": values, "Files": files(chart),
		"Release": map[string]any{"Name": "ktrace", "Namespace": "ktrace", "Service": "Helm"},
		"Chart":   map[string]any{"Name": meta["name"], "Version": meta["version"], "AppVersion": meta["appVersion"]},
	}

	all := template.New("chart").Option("missingkey=error").Funcs(sprig.TxtFuncMap())
	all.Funcs(template.FuncMap{
		"toYaml": func(v any) string {
			text, err := yaml.Marshal(v)
			check(err)
			return strings.TrimSuffix(string(text), "\n")
		},
		"include": func(name string, v any) (string, error) {
			var out strings.Builder
			err := all.ExecuteTemplate(&out, name, v)
			return out.String(), err
		},
	})
	names, err := filepath.Glob(filepath.Join(chart, "templates", "*"))
	check(err)
	_, err = all.ParseFiles(names...)
	check(err)
	for _, name := range names {
		if filepath.Ext(name) == ".yaml" {
			fmt.Println("---")
			check(all.ExecuteTemplate(os.Stdout, filepath.Base(name), data))
		}
	}
}
