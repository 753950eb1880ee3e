// The blocks of the vendors' documents that concern builds, as they stand there. Only the host is another, and it is changed when
// they run. What `POST /api/deploy` shows (deploying a source or an image) is left to the tests of deploying.

/** RunAgents, Build API: start a build, curl */
export const runagentsCurl: string = String.raw`curl -X POST https://api.runagents.io/api/builds \
  -H "Authorization: Bearer $RUNAGENTS_API_KEY" \
  -H "Content-Type: application/json" \
  -d '{
    "name": "my-agent",
    "files": {
      "agent.py": "from openai import OpenAI\nimport requests\n\nclient = OpenAI()\n\ndef main():\n    response = client.chat.completions.create(\n        model=\"gpt-4o-mini\",\n        messages=[{\"role\": \"user\", \"content\": \"Hello\"}]\n    )\n    print(response.choices[0].message.content)\n\nif __name__ == \"__main__\":\n    main()\n",
      "requirements.txt": "openai>=1.0\nrequests"
    },
    "entry_point": "agent.py"
  }'
`

/** the same, Python */
export const runagentsPython: string = String.raw`import requests
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
    time.sleep(5)
`

/** get build status, curl */
export const runagentsStatus: string = String.raw`curl https://api.runagents.io/api/builds/build-a1b2c3d4 \
  -H "Authorization: Bearer $RUNAGENTS_API_KEY"
`

/** Pipecat, Create Build: the complete build flow */
export const pipecatBash: string = String.raw`# 1. Get upload URL
UPLOAD_RESPONSE=$(curl -s -X POST "https://api.pipecat.daily.co/v1/builds/upload-url" \
  -H "Authorization: Bearer $PIPECAT_API_KEY" \
  -H "Content-Type: application/json" \
  -d '{"region": "us-west"}')

UPLOAD_ID=$(echo $UPLOAD_RESPONSE | jq -r '.uploadId')

# 2. Upload context (see upload-url endpoint for details)

# 3. Create the build
BUILD_RESPONSE=$(curl -s -X POST "https://api.pipecat.daily.co/v1/builds" \
  -H "Authorization: Bearer $PIPECAT_API_KEY" \
  -H "Content-Type: application/json" \
  -d "{
    \"uploadId\": \"$UPLOAD_ID\",
    \"region\": \"us-west\",
    \"dockerfilePath\": \"Dockerfile\"
  }")

BUILD_ID=$(echo $BUILD_RESPONSE | jq -r '.build.id')
CACHED=$(echo $BUILD_RESPONSE | jq -r '.cached')

if [ "$CACHED" = "true" ]; then
  echo "Using cached build!"
  IMAGE_URI=$(echo $BUILD_RESPONSE | jq -r '.build.imageUri')
else
  echo "Build started: $BUILD_ID"
  echo "Poll GET /builds/$BUILD_ID for status"
fi
`

/** The step that the document leaves to another page, in its place. */
export const pipecatUpload: string = String.raw`# 2. Upload context (see upload-url endpoint for details)
FORM=()
while read -r field; do
  FORM+=(--form-string "$(jq -r .key <<< "$field")=$(jq -r .value <<< "$field")")
done < <(echo $UPLOAD_RESPONSE | jq -c '.uploadFields | to_entries[]')
curl -sS -X POST "$(echo $UPLOAD_RESPONSE | jq -r .uploadUrl)" "${'$'}{FORM[@]}" -F "file=@context.tar.gz;type=application/gzip" -w 'Uploaded: %{http_code}\n'
`
