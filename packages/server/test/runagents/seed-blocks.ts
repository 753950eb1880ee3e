// The blocks of the Build API's own page, as they stand there.

export const curlStart: string = String.raw`curl -X POST https://api.runagents.io/api/builds \
  -H "Authorization: Bearer $RUNAGENTS_API_KEY" \
  -H "Content-Type: application/json" \
  -d '{
    "name": "my-agent",
    "files": {
      "agent.py": "from openai import OpenAI\nimport requests\n\nclient = OpenAI()\n\ndef main():\n    response = client.chat.completions.create(\n        model=\"gpt-4o-mini\",\n        messages=[{\"role\": \"user\", \"content\": \"Hello\"}]\n    )\n    print(response.choices[0].message.content)\n\nif __name__ == \"__main__\":\n    main()\n",
      "requirements.txt": "openai>=1.0\nrequests"
    },
    "entry_point": "agent.py"
  }'`

export const pythonStart: string = String.raw`import requests
import time

# Start the build
resp = requests.post(
    "https://api.runagents.io/api/builds",
    headers={"Authorization": f"Bearer {api_key}"},
    json={
        "name": "my-agent",
        "files": {
            "agent.py": open("agent.py").read(),
            "requirements.txt": open("requirements.txt").read(),
        },
        "entry_point": "agent.py",
    },
)
build = resp.json()
build_id = build["id"]
print(f"Build started: {build_id}")
print(f"Image will be: {build['image']}")

# Poll for completion
while True:
    status = requests.get(
        f"https://api.runagents.io/api/builds/{build_id}",
        headers={"Authorization": f"Bearer {api_key}"},
    ).json()

    print(f"Status: {status['status']}")
    if status["status"] in ("SUCCEEDED", "FAILED"):
        break
    time.sleep(5)`

export const curlGet: string = String.raw`curl https://api.runagents.io/api/builds/build-a1b2c3d4 \
  -H "Authorization: Bearer $RUNAGENTS_API_KEY"`
